using Relay.Hosting;
using Relay.Fleet.Contract;
using Relay.Interop.Tests.Fleet.World;
using Relay.Interop.Tests.Loopback;
using Relay.Interop.Tests.Relays;
using Relay.Node.Egress;
using Relay.Node.Options;
using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Fleet;

/// <summary>What becomes of real tunnels when the lease that their source is of ends.</summary>
public sealed class LeaseEndTests
{
    private static readonly BootClock Clock = new();

    [Fact]
    public async Task Deadline_TunnelsAreEndedByTheirLoops_AndNothingIsSentWithoutALease()
    {
        using var authority = new TestAuthority();
        using var folder = new ScratchFolder();
        await using var node = Start(authority, folder);
        await AssertRefusedAsync(node);

        var lease = Offer(node, "127.98.0.0/28");
        await using var tunnel = await HeldTunnel.OpenAsync(node.Port, "the node");
        Assert.True(lease.Contains(tunnel.Egress));
        // Nobody does anything about it: the loops find out themselves.
        lease.Deadline = Clock.GetTimestamp();
        await tunnel.WaitForResetAsync();
        await AssertRefusedAsync(node);
    }

    [Fact]
    public async Task AnotherLease_OpenTunnelsKeepTheirSourceUntilTheirsIsEnded()
    {
        using var authority = new TestAuthority();
        using var folder = new ScratchFolder();
        await using var node = Start(authority, folder);
        var first = Offer(node, "127.98.0.0/28");
        await using var early = await HeldTunnel.OpenAsync(node.Port, "the node");
        var second = Offer(node, "127.98.1.0/28");
        await using var late = await HeldTunnel.OpenAsync(node.Port, "the node");
        Assert.True(first.Contains(early.Egress) && second.Contains(late.Egress));
        await early.ExchangeAsync();

        await node.Server.Fleet.EndAsync(first);
        await early.WaitForResetAsync();
        await late.ExchangeAsync();
    }

    private static NodeInProcess Start(TestAuthority authority, ScratchFolder folder) => NodeInProcess.Start(
        authority, folder, workers: 2,
        change: static config => config with { Fleet = new FleetConfig { Mode = FleetMode.Local, Pools = ["edge"] } });

    private static EgressLease Offer(NodeInProcess node, string prefix)
    {
        var lease = new EgressLease(
            Prefix.Parse(prefix), Clock.GetTimestamp() + (3600 * Clock.TimestampFrequency));
        node.Server.Fleet.Offer(lease);
        return lease;
    }

    private static async Task AssertRefusedAsync(NodeInProcess node)
    {
        await using var refused = LoadRun.Start(node.Port, "tcp-down", "--bytes", "1KiB");
        Assert.NotEqual(0, await refused.WaitForExitAsync(Limits.Exchange));
        Assert.Contains("503", refused.Log.Describe(), StringComparison.Ordinal);
    }
}
