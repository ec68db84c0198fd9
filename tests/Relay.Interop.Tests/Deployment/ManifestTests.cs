using Relay.Interop.Tests.Fleet.World;

namespace Relay.Interop.Tests.Deployment;

/// <summary>Each program with what the rendered overlays give it, on machines of either family.</summary>
public sealed class ManifestTests
{
    [Theory]
    [InlineData("fleet", "127.0.0.1", "127.0.0.1:443")]
    [InlineData("fleet", "::1", "[::1]:443")]
    [InlineData("fleet-evictable", "127.0.0.1", "127.0.0.1:443")]
    public async Task NodeInAFleet_WithItsManifest_ServesAtTheMachinesAddress(string overlay, string host, string expected)
    {
        await using var node = await DeployedNode.StartAsync(overlay, host);
        var info = await node.Api.NodeAsync(NodeManifest.NodeId);
        Assert.Equal([expected], info!.Addresses);
        await node.WaitUntilReadyAsync();
        node.Terminate();
        await node.WaitForEndAsync();
    }

    /// <summary>Whichever order the name's addresses are looked up in, the first may be one that hangs.</summary>
    [Fact]
    public async Task NodeInAFleet_WhoseCoordinatorsNameHasAddressesThatHang_ReachesTheOneThatAnswers()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "A hosts file of the node's own needs root.");
        await using var node = await DeployedNode.StartAsync(
            "fleet", "127.0.0.1", IPAddress.Parse("127.0.0.2"), IPAddress.Parse("127.0.0.3"));
        await node.WaitUntilReadyAsync();
        node.Terminate();
        await node.WaitForEndAsync();
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task NodeAlone_WithItsManifest_IsReady(string host)
    {
        await using var node = await DeployedNode.StartAloneAsync("single", host);
        await node.WaitUntilReadyAsync();
        node.Terminate();
        await node.WaitForEndAsync();
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Coordinator_WithItsManifest_IsReady(string pod)
    {
        await using var coordinator = await DeployedCoordinator.StartAsync(pod);
        await FleetApi.WaitUntilAsync(
            "the coordinator is ready", async () => await coordinator.IsReadyAsync(pod), Limits.Exchange);
    }
}
