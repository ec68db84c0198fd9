using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Relay.Fleet.Contract;
using Relay.Node.Egress;
using Relay.Node.Tunnels;

namespace Relay.Node.Tests.Fleet;

/// <summary>What loops see of leases: sources, denied targets, deadlines.</summary>
public class EgressLeaseTests
{
    private const AddressFamily V4 = AddressFamily.InterNetwork;
    private const AddressFamily V6 = AddressFamily.InterNetworkV6;

    private readonly FakeTimeProvider _clock = new();
    private readonly List<string> _denied = [];
    private readonly FakeLoop _loop = new(new Simulation());
    private int _denials = int.MaxValue;

    [Fact]
    public void WithoutALease_NoTargetIsReached_AndTheMachinesOwnAddressIsNotShown()
    {
        var state = Create();
        Assert.True(state.IsMissing);
        state.Offer(Lease("2001:db8::/64"));
        Assert.False(state.IsMissing);
        Assert.Equal((false, true), (state.Current.Policy.Allows(V4), state.Current.Policy.Allows(V6)));
        Assert.Equal(["2001:db8::/64"], _denied);
    }

    [Fact]
    public void OwnSource_ServesItsFamilyWithoutALease()
    {
        var state = Create(new EgressConfig { FixedIPv4 = IPAddress.Parse("198.51.100.7") });
        Assert.False(state.IsMissing);
        Assert.Equal((true, false), (state.Current.Policy.Allows(V4), state.Current.Policy.Allows(V6)));
        state.Offer(Lease("2001:db8::/64"));
        Assert.Equal((true, true), (state.Current.Policy.Allows(V4), state.Current.Policy.Allows(V6)));
    }

    [Fact]
    public void Session_KeepsItsSourceWhileTheBlockIsHeld_AndGetsAnotherWithTheNext()
    {
        var state = Create();
        state.Offer(Lease("2001:db8:0:1::/64"));
        var session = new EgressSession();
        var first = state.Current.Policy.SourceFor(V6, session);
        Assert.Equal(first, state.Current.Policy.SourceFor(V6, session));
        var next = Lease("2001:db8:0:2::/64");
        state.Offer(next);
        var second = state.Current.Policy.SourceFor(V6, session)!;
        Assert.True(next.Contains(second.Address));
        Assert.Equal(second, state.Current.Policy.SourceFor(V6, session));
    }

    [Fact]
    public void Withdrawn_IsNotChosen_ButStillDeniedAsATargetUntilNothingUsesIt()
    {
        var state = Create();
        var lease = Lease("2001:db8::/64");
        state.Offer(lease);
        state.Withdraw(lease);
        state.Withdraw(lease);
        Assert.True(state.IsMissing);
        Assert.Equal(["2001:db8::/64"], _denied);
        Assert.Same(lease, Assert.Single(state.Current.Leases));
        state.Drop(lease);
        Assert.Empty(_denied);
        Assert.Empty(state.Current.Leases);
    }

    [Fact]
    public void Guard_AtTheDeadline_EndsTheLoopsTunnelsOnceBeforeAnythingIsSent()
    {
        var state = Create();
        var lease = Lease("2001:db8::/64", seconds: 60);
        var ended = new List<EgressLease>();
        var guard = new LeaseGuard(_loop, state, ended.Add);
        Assert.False(guard.Receive());
        state.Offer(lease);
        _clock.Advance(TimeSpan.FromSeconds(59));
        guard.Receive();
        Assert.Empty(ended);
        lease.Deadline = _clock.GetTimestamp() + TimeSpan.FromSeconds(60).Ticks;
        _clock.Advance(TimeSpan.FromSeconds(59));
        guard.Receive();
        Assert.Empty(ended);
        // As after a suspend: nothing else in the process has had a turn.
        _clock.Advance(TimeSpan.FromHours(1));
        guard.Receive();
        guard.Receive();
        Assert.Same(lease, Assert.Single(ended));
        Assert.True(state.IsMissing);
        state.Drop(lease);
        guard.Receive();
        Assert.Single(ended);

        var next = Lease("2001:db8::/64", seconds: 60);
        state.Offer(next);
        guard.Receive();
        _clock.Advance(TimeSpan.FromSeconds(61));
        guard.Receive();
        Assert.Equal([lease, next], ended);
    }

    // "whatever the rest of the process does meanwhile": also where it has no memory.
    [Fact]
    public void Guard_WithoutMemoryForOneLease_EndsTheOthersAtOnce_AndItInTheNextTurn()
    {
        var state = Create();
        EgressLease[] leases = [Lease("2001:db8::/64"), Lease("192.0.2.0/24")];
        var (tried, ended) = (new List<EgressLease>(), new List<EgressLease>());
        var guard = new LeaseGuard(_loop, state, lease =>
        {
            tried.Add(lease);
            if (lease == leases[0] && tried.Count <= 3)
                throw new OutOfMemoryException();
            ended.Add(lease);
        });
        foreach (var lease in leases)
            state.Offer(lease);
        _clock.Advance(TimeSpan.FromSeconds(60));
        // There is more to do: the next turn does not wait.
        Assert.True(guard.Receive());
        Assert.Equal([leases[1]], ended);
        Assert.True(guard.Receive());
        Assert.False(guard.Receive());
        Assert.Equal([leases[1], leases[0]], ended);
        Assert.False(guard.Receive());
        Assert.Equal((4, 2, true), (tried.Count, _loop.OutOfMemory, state.IsMissing));
    }

    [Fact]
    public void Withdrawal_WithoutMemory_IsDoneTheNextTime()
    {
        var state = Create();
        var lease = Lease("2001:db8::/64", seconds: 60);
        var guard = new LeaseGuard(_loop, state, static _ => { });
        state.Offer(lease);
        _clock.Advance(TimeSpan.FromSeconds(60));
        _denials = 0;
        Assert.True(guard.Receive());
        Assert.False(state.IsMissing);
        _denials = int.MaxValue;
        Assert.False(guard.Receive());
        Assert.True(state.IsMissing);
    }

    private EgressState Create(EgressConfig? config = null) => new(
        config ?? new EgressConfig(), needsLease: true, rules =>
        {
            if (_denials-- <= 0)
                throw new OutOfMemoryException();
            _denied.Clear();
            _denied.AddRange(rules.Where(static rule => !rule.Prefix.IsIPv4)
                .Select(static rule => rule.ToString()));
        }, _clock);

    private EgressLease Lease(string prefix, int seconds = 60) =>
        new(Prefix.Parse(prefix), _clock.GetTimestamp() + TimeSpan.FromSeconds(seconds).Ticks);
}
