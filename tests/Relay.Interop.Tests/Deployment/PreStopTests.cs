using Relay.Interop.Tests.Fleet.World;
using Relay.Interop.Tests.Loopback;

namespace Relay.Interop.Tests.Deployment;

/// <summary>The preStop hook of the manifests against a live node under load, and the SIGTERM that follows.</summary>
public sealed class PreStopTests
{
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Hook_ATransferIsUnderWay_DrainsTheNodeAndWaitsForEveryByte()
    {
        await using var node = await DeployedNode.StartAsync();
        await using var tunnel = await HeldTunnel.OpenAsync(node.Port, "the deployed node");
        var transfer = await BeginAsync(tunnel);
        await using var hook = node.StartPreStop();
        await node.Log.WaitForAsync(@"drain \S+ \(Gradual\) begins: its container stops; what is left is ended in 00:0[34]", Limits.Exchange);
        await node.WaitForDrainStateAsync(2);

        // Nothing new: neither a connection, nor a tunnel on the one that there is.
        await using (var late = LoadRun.Start(node.Port, "handshakes", "--count", "1"))
        {
            Assert.Equal(1, await late.WaitForExitAsync(Limits.Exchange));
            Assert.Contains("CONNECTION_REFUSED", late.Log.Describe(), StringComparison.Ordinal);
        }
        await tunnel.OpensNoOtherAsync();
        // What runs does run, and the hook waits for it.
        Assert.False(hook.HasExited, hook.Log.Describe());
        Assert.False(transfer.IsCompleted);
        _enough.SetResult();
        Assert.True(await transfer.WaitAsync(Limits.Transfer) > 1 << 20);

        Assert.True(await hook.WaitForExitAsync(Limits.Exchange) == 0, hook.Log.Describe());
        await hook.Log.WaitForAsync("completed: 1 of 1 node drained, 0 left, 1 finished, 0 force-closed", Limits.AtOnce);
        Assert.DoesNotContain(hook.Log.Lines, static line => line.Contains("SIGTERM", StringComparison.Ordinal));
        await node.Log.WaitForAsync(@"drained; 1 tunnel\(s\) finished, 0 ended by force", Limits.AtOnce);
        await node.WaitForDrainStateAsync(3);
        node.Terminate();
        await node.WaitForEndAsync();
    }

    /// <summary>The node's own token sees of the operator's drain what concerns the node.</summary>
    [Fact]
    public async Task Hook_AnOperatorDrainsTheNodeAndAnother_WatchesThatDrainUntilTheNodeIsDrained()
    {
        await using var node = await DeployedNode.StartAsync();
        await node.ReportAsOtherAsync();
        await using var tunnel = await HeldTunnel.OpenAsync(node.Port, "the deployed node");
        var transfer = await BeginAsync(tunnel);
        var drain = await node.Api.PostDrainAsync(new
        {
            nodes = new[] { NodeManifest.NodeId, DeployedNode.Other },
            maxConcurrent = 1,
            deadlineSeconds = 3600,
            reason = "the operator's",
        });
        await node.WaitForDrainStateAsync(2);

        await using var hook = node.StartPreStop();
        await hook.Log.WaitForAsync("0 waiting, 1 draining, 0 drained; 1 left", Limits.Exchange);
        Assert.False(hook.HasExited, hook.Log.Describe());
        Assert.False(transfer.IsCompleted);
        _enough.SetResult();
        Assert.True(await transfer.WaitAsync(Limits.Transfer) > 1 << 20);

        Assert.True(await hook.WaitForExitAsync(Limits.Exchange) == 0, hook.Log.Describe());
        await hook.Log.WaitForAsync("completed: 1 of 1 node drained, 0 left, 1 finished, 0 force-closed", Limits.AtOnce);
        Assert.DoesNotContain(hook.Log.Lines, static line => line.Contains("SIGTERM", StringComparison.Ordinal));
        Assert.Equal("the operator's", (await node.Api.DrainAsync(drain)).Reason);
        await node.WaitForDrainStateAsync(3);
        node.Terminate();
        await node.WaitForEndAsync();
    }

    [Fact]
    public async Task Hook_NoCoordinatorAnswers_LeavesTheDrainToSigterm()
    {
        await using var node = await DeployedNode.StartAsync();
        await using var tunnel = await HeldTunnel.OpenAsync(node.Port, "the deployed node");
        var transfer = await BeginAsync(tunnel);
        await node.Coordinator.StopAsync();
        await using var hook = node.StartPreStop();
        Assert.True(await hook.WaitForExitAsync(Limits.Exchange) == 0, hook.Log.Describe());
        await hook.Log.WaitForAsync("prestop: relayctl ended with 3; SIGTERM drains the rest", Limits.AtOnce);
        await DrainsBySigtermAsync(node, transfer);
    }

    [Theory]
    [InlineData("a-token-that-no-coordinator-knows-0123456789")]
    [InlineData(DeployedNode.OtherToken)]
    public async Task Hook_ItsTokenIsNotTheNodes_LeavesTheDrainToSigterm(string token)
    {
        await using var node = await DeployedNode.StartAsync();
        await using var tunnel = await HeldTunnel.OpenAsync(node.Port, "the deployed node");
        var transfer = await BeginAsync(tunnel);
        await using var hook = node.StartPreStop(token);
        Assert.True(await hook.WaitForExitAsync(Limits.Exchange) == 0, hook.Log.Describe());
        await hook.Log.WaitForAsync("prestop: relayctl ended with 1; SIGTERM drains the rest", Limits.AtOnce);
        await node.WaitForDrainStateAsync(0);
        await DrainsBySigtermAsync(node, transfer);
    }

    private async Task<Task<long>> BeginAsync(HeldTunnel tunnel)
    {
        var transfer = tunnel.TransferAsync(_begun, _enough.Task);
        await await Task.WhenAny(_begun.Task, transfer).WaitAsync(Limits.Exchange);
        return transfer;
    }

    private async Task DrainsBySigtermAsync(DeployedNode node, Task<long> transfer)
    {
        node.Terminate();
        await node.Log.WaitForAsync(@"draining: 1 tunnel\(s\) may run for up to 30 s", Limits.Exchange);
        Assert.False(transfer.IsCompleted);
        _enough.SetResult();
        Assert.True(await transfer.WaitAsync(Limits.Transfer) > 1 << 20);
        await node.Log.WaitForAsync(@"drained: 1 tunnel\(s\) finished, 0 ended by force", Limits.Stop);
        await node.WaitForEndAsync();
    }
}
