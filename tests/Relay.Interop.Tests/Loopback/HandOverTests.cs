using Relay.Interop.Tests.Relays;
using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Loopback;

/// <summary>Where the kernel refuses to steer, loops hand over packets that are another loop's.</summary>
public sealed class HandOverTests
{
    [Fact]
    public async Task Packets_OfAClientThatMoves_ReachTheirLoopWithoutSteering()
    {
        using var folder = new ScratchFolder();
        using var authority = new TestAuthority();
        await using var node = NodeInProcess.Start(authority, folder, workers: 4, steer: false);
        var run = await LoadRun.AgainstAsync(
            node.Port, Limits.Transfer, "echo", "--count", "20000", "--rebind-every", "1000", "--window", "8",
            "--fail-on-loss", "--timeout", "120");
        Assert.Equal(20_000, run["echoes"]);
        await node.Server.DrainAsync(TimeSpan.FromSeconds(5), CancellationToken.None);
        Assert.True(node.Server.ReadCounters().PacketsHandedOver > 0);
    }
}
