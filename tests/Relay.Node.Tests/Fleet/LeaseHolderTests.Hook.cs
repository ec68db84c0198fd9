using Microsoft.Extensions.Logging.Abstractions;
using Relay.Fleet.Contract;
using Relay.Node.Fleet;

namespace Relay.Node.Tests.Fleet;

/// <content>The operator's command.</content>
public partial class LeaseHolderTests
{
    [Fact]
    public async Task Hook_HearsOfItBeforeTheFirstUseAndAfterTheLast_OneAtATime()
    {
        using var folder = new ScratchFolder();
        var file = folder.File("events");
        var hook = new LeaseHook(
            $"echo $RELAY_LEASE_EVENT $RELAY_LEASE_PREFIX $RELAY_LEASE_POOL $RELAY_LEASE_EPOCH $RELAY_NODE_ID >> '{file}'",
            "edge-1", NullLogger.Instance);
        var leases = Create(hook: hook);
        _egress.OnOffer = () => _egress.Note(File.ReadAllText(file).Trim());
        Grant(leases, Block);
        await UsedAsync(leases);
        Assert.Contains($"gained {Block} v6 7 edge-1", _egress.Log);
        _egress.OnEnd = () => _egress.Note($"{File.ReadAllLines(file).Length} line");
        await leases.ReleaseAllAsync();
        Assert.Contains("1 line", _egress.Log);
        Assert.Equal(
            [$"gained {Block} v6 7 edge-1", $"lost {Block} v6 7 edge-1"], File.ReadAllLines(file));
        Assert.Equal([Claim(Block)], leases.Released);
        Assert.Empty(leases.Wanted);
        // What is granted to a process that is about to end is given back.
        Grant(leases, Other, epoch: 8);
        Assert.Equal([Claim(Block), Claim(Other, 8)], leases.Released);
    }

    [Fact]
    public async Task Hook_ThatFailsWhenABlockIsGained_KeepsItUnusedAndSaysWhyUntilItSucceeds()
    {
        using var folder = new ScratchFolder();
        var (events, isUp) = (folder.File("events"), folder.File("up"));
        var hook = new LeaseHook(
            $"echo $RELAY_LEASE_EVENT >> '{events}'; test -e '{isUp}' || {{ echo 'no peer' >&2; exit 3; }}",
            "edge-1", NullLogger.Instance);
        var leases = Create(hook: hook);
        Grant(leases, Block);
        await Eventually.HoldsAsync(() => leases.NotReady
            == $"no block of pool 'v6': the lease hook failed for {Block}: exit status 3: no peer");
        Assert.Empty(_egress.Offered);
        // It is held all the same: renewed, and no other block is wanted in its place.
        Assert.Equal([Claim(Block)], leases.Claims);
        leases.Tick();
        Assert.Equal(["gained"], File.ReadAllLines(events));

        File.WriteAllText(isUp, "");
        Pass(leases, 5);
        await UsedAsync(leases);
        Assert.Null(leases.NotReady);
        Assert.Equal(["gained", "gained"], File.ReadAllLines(events));
        await leases.ReleaseAllAsync();
        Assert.Equal(["gained", "gained", "lost"], File.ReadAllLines(events));
    }

    [Fact]
    public async Task Hook_ThatFailsToTheEnd_IsToldOfTheEndAllTheSame()
    {
        using var folder = new ScratchFolder();
        var file = folder.File("events");
        var leases = Create(hook: new LeaseHook(
            $"echo $RELAY_LEASE_EVENT >> '{file}'; exit 1", "edge-1", NullLogger.Instance));
        Grant(leases, Block);
        await Eventually.HoldsAsync(
            () => leases.NotReady?.Contains("exit status 1", StringComparison.Ordinal) == true);
        // What it did before it failed is undone by it, too.
        leases.Apply([new LeaseGrant("v6", Block, 7, 0, IsReleasing: true)], [], _clock.GetTimestamp());
        await Eventually.HoldsAsync(() => leases.Released.Count == 1);
        Assert.Equal(["gained", "lost"], File.ReadAllLines(file));
        Assert.Empty(_egress.Offered);
    }
}
