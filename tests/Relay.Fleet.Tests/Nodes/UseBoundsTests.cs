using Relay.Fleet.Nodes;
using Relay.Testing.Nodes;

namespace Relay.Fleet.Tests.Nodes;

/// <summary>How much of what a node says that users have used is believed, over many of its reports and processes.</summary>
public sealed class UseBoundsTests : IAsyncDisposable
{
    private const long Rate = 1000;
    private const long Lie = 1L << 52;

    private static readonly FleetTimings Timings = new();

    private readonly ManualTime _time = new();
    private readonly NodeTracker _tracker;
    private SimulatedNode _node = new("a");
    private long _number;

    public UseBoundsTests()
    {
        _tracker = new NodeTracker("a", Timings, time: _time);
        _tracker.Allow([], null);
        Tell();
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public void Lies_OfManyReports_CostWhatAMachineCarriesInTheTime()
    {
        var (bytes, tunnels) = (0L, 0L);
        for (var i = 0; i < 100; i++)
        {
            Wait(TimeSpan.FromSeconds(1));
            foreach (var use in Tell(new UserUse($"u{i}", Lie, Lie, Lie), new UserUse("alice", Lie, Lie, Lie)))
                (bytes, tunnels) = (bytes + use.UpstreamBytes + use.DownstreamBytes, tunnels + use.Tunnels);
        }
        Assert.InRange(bytes, 159 * UseBounds.MaxBytesPerSecond, 160 * UseBounds.MaxBytesPerSecond);
        Assert.InRange(tunnels, 159 * UseBounds.MaxTunnelsPerSecond, 160 * UseBounds.MaxTunnelsPerSecond);
    }

    [Fact]
    public void Lies_AfterLongSilence_CostAnHour()
    {
        Wait(TimeSpan.FromDays(3));
        Assert.Equal(3600 * UseBounds.MaxBytesPerSecond, BytesOf(Tell(new UserUse("alice", Lie, Lie, 0))));
        Assert.Equal(0, BytesOf(Tell(new UserUse("alice", Lie, Lie, 0))));
    }

    /// <summary>Neither another process nor the wall clock makes time pass.</summary>
    [Fact]
    public void Lies_OfAProcessForEachReport_CostNoMoreThanThoseOfOne()
    {
        Allow();
        Tell(isLeaving: true);
        var (all, bob) = (0L, 0L);
        for (var i = 0; i < 100; i++)
        {
            Wait(TimeSpan.FromSeconds(1));
            _time.SetClock(TimeSpan.FromDays(1));
            _node = new SimulatedNode("a");
            _number = 0;
            var told = Tell(isLeaving: true, new UserUse("bob", Lie, Lie, 0), new UserUse("alice", Lie, Lie, 0));
            // As it is answered to who leaves.
            _tracker.Allow([], null);
            (all, bob) = (all + BytesOf(told), bob + BytesOf([told[0]]));
        }
        Assert.InRange(all, 1, 160 * UseBounds.MaxBytesPerSecond);
        Assert.InRange(bob, 1, 160 * Rate);
    }

    [Fact]
    public void Lies_OfAUserWithARate_CostWhatHeWasAllowedInTheTime_AndAMinuteOnce()
    {
        Allow();
        var bob = 0L;
        for (var i = 0; i < 100; i++)
        {
            Wait(TimeSpan.FromSeconds(1));
            bob += BytesOf(Tell(new UserUse("bob", Lie, 0, 0)));
        }
        Assert.InRange(bob, 159 * Rate, 160 * Rate);
    }

    [Fact]
    public void Lies_OfMoreUsersThanAreRemembered_AreBoundedAllTheSame()
    {
        _tracker.Allow([], new IdentityLimit { BytesPerSecond = Rate });
        var bob = BytesOf(Tell(new UserUse("bob", Lie, 0, 0)));
        for (var i = 0; i < 2 * UseBounds.MaxUsers; i += UserUseBatch.MaxUsers)
        {
            Wait(TimeSpan.FromSeconds(1));
            Tell([.. Enumerable.Range(i, UserUseBatch.MaxUsers).Select(static user => new UserUse($"u{user}", Lie / 1024, 0, 0))]);
        }
        bob += BytesOf(Tell(new UserUse("bob", Lie, 0, 0)));
        Assert.InRange(bob, 60 * Rate, (60 + (2 * UseBounds.MaxUsers / UserUseBatch.MaxUsers)) * Rate);
        Assert.InRange(_tracker.UsersRemembered, 1, UseBounds.MaxUsers);
    }

    /// <summary>The first report after an outage tells what was told before it; all else comes a second later.</summary>
    [Fact]
    public void Truth_OfANodeThatWasCutOff_IsBelieved()
    {
        Allow();
        Wait(TimeSpan.FromSeconds(1));
        Tell(new UserUse("bob", 60 * Rate, 0, 1), new UserUse("alice", 60 * UseBounds.MaxBytesPerSecond, 0, 1));
        Wait(TimeSpan.FromMinutes(10));
        Tell(new UserUse("bob", Rate, 0, 0), new UserUse("alice", 1000, 0, 0));
        Wait(TimeSpan.FromSeconds(1));
        UserUse[] told = [new UserUse("bob", 200 * Rate, 399 * Rate, 7), new UserUse("alice", 599 * UseBounds.MaxBytesPerSecond, 0, 7)];

        Assert.Equal(told, Tell(told));
    }

    /// <summary>Before a coordinator knows what users are allowed there, nothing is counted and nothing lost: it is told again.</summary>
    [Fact]
    public void Use_BeforeAnythingIsAllowed_Waits()
    {
        var tracker = new NodeTracker("a", Timings, time: _time);
        var batch = new UserUseBatch { Number = 1, Users = [new UserUse("bob", Lie, 0, 0)] };
        tracker.Apply(_node.Next() with { Use = batch }, _time.GetUtcNow());
        Assert.Null(tracker.Use);
        tracker.Allow([new IdentityAllowance("user:bob", new IdentityLimit { BytesPerSecond = Rate })], null);
        tracker.Apply(_node.Next() with { Use = batch }, _time.GetUtcNow());
        Assert.Equal((1, 60 * Rate), (tracker.Use!.Number, BytesOf(tracker.Use.Users)));
    }

    private static long BytesOf(IReadOnlyList<UserUse> uses) => uses.Sum(static use => use.UpstreamBytes + use.DownstreamBytes);

    private void Allow() => _tracker.Allow([new IdentityAllowance("user:bob", new IdentityLimit { BytesPerSecond = Rate })], null);

    private void Wait(TimeSpan time) => _time.Advance(time);

    private IReadOnlyList<UserUse> Tell(params UserUse[] uses) => Tell(isLeaving: false, uses);

    private IReadOnlyList<UserUse> Tell(bool isLeaving, params UserUse[] uses)
    {
        var outcome = _tracker.Apply(
            _node.Next() with { Use = new UserUseBatch { Number = ++_number, Users = uses }, IsLeaving = isLeaving }, _time.GetUtcNow());
        Assert.Equal(ReportKind.Fresh, outcome.Kind);
        return _tracker.Use!.Users;
    }
}
