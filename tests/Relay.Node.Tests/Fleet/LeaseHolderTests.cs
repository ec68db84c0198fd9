using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Relay.Fleet.Contract;
using Relay.Node.Egress;
using Relay.Node.Fleet;
using Relay.Node.Options;

namespace Relay.Node.Tests.Fleet;

/// <summary>A lease is used from its grant to its deadline on the node's own clock, and not a moment longer.</summary>
public partial class LeaseHolderTests
{
    private const int Minute = 60_000;

    private static readonly Prefix Block = Prefix.Parse("2001:db8:0:1::/64");
    private static readonly Prefix Other = Prefix.Parse("2001:db8:0:2::/64");

    private readonly FakeTimeProvider _clock = new();
    private readonly FakeEgress _egress = new();
    private bool _isUsed;

    [Fact]
    public async Task Grant_IsPreparedAndThenUsed()
    {
        var leases = Create();
        Assert.Equal("no block of pool 'v6': the fleet has not answered yet", leases.NotReady);
        Assert.Equal(["v6"], leases.Wanted);
        _egress.HoldPrepare();
        Grant(leases, Block);
        Assert.NotNull(leases.NotReady);
        // The fleet is told at once: what it knows of it must not be lost with the first crash of its own.
        Assert.Equal([Claim(Block)], leases.Claims);
        _egress.LetPrepare();
        await Eventually.HoldsAsync(() => leases.NotReady is null);
        Assert.Equal(["prepare " + Block, "offer " + Block], _egress.Log);
        Assert.Equal([Claim(Block)], leases.InUse);
    }

    [Fact]
    public async Task Deadline_CountsFromWhenTheReportWasSent()
    {
        var leases = Create();
        var sentAt = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromSeconds(30));
        leases.Apply([new LeaseGrant("v6", Block, 7, Minute)], [], sentAt);
        await UsedAsync(leases);
        Assert.Equal(TimeSpan.FromSeconds(30), leases.ExpiresIn);
        Assert.Equal(_clock.GetTimestamp() + TimeSpan.FromSeconds(30).Ticks, _egress.Offered[^1].Deadline);
    }

    [Fact]
    public async Task Renewal_MovesTheDeadline_AndALateAnswerShortensNothing()
    {
        var leases = await CreateUsedAsync();
        Pass(leases, 30);
        Grant(leases, Block);
        Assert.Equal(TimeSpan.FromSeconds(60), leases.ExpiresIn);
        leases.Apply([new LeaseGrant("v6", Block, 7, 1000)], [], _clock.GetTimestamp());
        Assert.Equal(TimeSpan.FromSeconds(60), leases.ExpiresIn);
        Pass(leases, 40);
        Grant(leases, Block);
        Pass(leases, 40);
        Assert.Null(leases.NotReady);
    }

    [Fact]
    public async Task NotRenewed_IsNotOfferedBeforeTheDeadline_AndEndedAtIt()
    {
        var leases = await CreateUsedAsync();
        Pass(leases, 54.5);
        Assert.Null(leases.NotReady);
        Pass(leases, 0.5);
        Assert.NotNull(leases.NotReady);
        Assert.Equal("withdraw " + Block, _egress.Log.Last());
        Pass(leases, 4.75);
        Assert.Equal("withdraw " + Block, _egress.Log.Last());
        Pass(leases, 0.25);
        await Eventually.HoldsAsync(() => leases.Claims.Count == 0 && _egress.Log.Last() == "forget " + Block);
        Assert.Equal("end " + Block, _egress.Log.ElementAt(_egress.Log.Count - 2));
        // It has run out; it was not given back: the grantor may renew it for this node alone.
        Assert.Empty(leases.Released);
    }

    [Fact]
    public async Task RenewedInTheLastMoment_IsOfferedAgain()
    {
        var leases = await CreateUsedAsync();
        Pass(leases, 55);
        Assert.NotNull(leases.NotReady);
        Grant(leases, Block);
        Assert.Null(leases.NotReady);
        Assert.Equal(1, _egress.Log.Count(static line => line.StartsWith("prepare", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task RunOut_AndGrantedAgain_IsGainedAnew()
    {
        var leases = await CreateUsedAsync();
        _egress.HoldEnd();
        Pass(leases, 60);
        // While its tunnels are being ended it cannot come back.
        Grant(leases, Block);
        Assert.NotNull(leases.NotReady);
        _egress.LetEnd();
        await Eventually.HoldsAsync(() => _egress.Log.Last() == "forget " + Block);
        await Eventually.HoldsAsync(() =>
        {
            Grant(leases, Block);
            return leases.NotReady is null;
        });
        Assert.Equal(2, _egress.Log.Count(static line => line.StartsWith("prepare", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task TakenBack_OpenTunnelsGoOnUntilTheDeadline_AndThenItIsGivenBack()
    {
        var leases = await CreateUsedAsync();
        _isUsed = true;
        leases.Apply([new LeaseGrant("v6", Block, 7, 0, IsReleasing: true)], [], _clock.GetTimestamp());
        Assert.Equal("withdraw " + Block, _egress.Log.Last());
        Pass(leases, 59);
        Assert.Equal([Claim(Block)], leases.Claims);
        Assert.DoesNotContain("end " + Block, _egress.Log);
        Pass(leases, 1);
        await Eventually.HoldsAsync(() => leases.Released.Count == 1);
        Assert.Contains("end " + Block, _egress.Log);
        leases.ConfirmReleased([Claim(Block)]);
        Assert.Empty(leases.Released);
        Assert.Empty(leases.Claims);
    }

    [Fact]
    public async Task TakenBack_WithoutTunnels_IsGivenBackAtOnce()
    {
        var leases = await CreateUsedAsync();
        leases.Apply([new LeaseGrant("v6", Block, 7, 0, IsReleasing: true)], [], _clock.GetTimestamp());
        leases.Tick();
        await Eventually.HoldsAsync(() => leases.Released.Count == 1);
        Assert.Equal([Claim(Block)], leases.Released);
        // Another block is wanted meanwhile.
        Assert.Equal(["v6"], leases.Wanted);
    }

    [Fact]
    public async Task AnotherBlock_TakesThePlaceOfTheOneBefore()
    {
        var leases = await CreateUsedAsync();
        _isUsed = true;
        // A fleet that has lost its state may not know of the first any more.
        Grant(leases, Other, epoch: 8);
        await Eventually.HoldsAsync(() => leases.InUse.SequenceEqual([Claim(Other, 8)]));
        Assert.Equal([Claim(Block), Claim(Other, 8)], leases.Claims);
        _isUsed = false;
        leases.Tick();
        await Eventually.HoldsAsync(() => leases.Released.SequenceEqual([Claim(Block)]));
        Assert.Null(leases.NotReady);
    }

    [Fact]
    public async Task SameBlockByAnotherEpoch_IsTheSameLease()
    {
        var leases = await CreateUsedAsync();
        Pass(leases, 30);
        Grant(leases, Block, epoch: 9);
        Assert.Equal([Claim(Block, 9)], leases.Claims);
        Assert.Equal(TimeSpan.FromSeconds(60), leases.ExpiresIn);
        Grant(leases, Block, epoch: 8);
        Assert.Equal([Claim(Block, 9)], leases.Claims);
    }

    [Fact]
    public void Grant_OfAFamilyThatIsTaken_IsGivenBackAndNotAskedForAgain()
    {
        var leases = Create(new EgressConfig { FixedIPv6 = IPAddress.Parse("2001:db8::1") });
        Grant(leases, Block);
        Assert.Equal([Claim(Block)], leases.Released);
        Assert.Empty(leases.Wanted);
        Assert.Null(leases.NotReady);
        Assert.Equal("no block of pool 'v6': the outbound options leave no room for IPv6", leases.Warning);
    }

    [Fact]
    public async Task SecondPool_OfTheSameFamily_IsGivenBack()
    {
        var leases = await CreateUsedAsync(pools: ["v6", "more"]);
        leases.Apply([new LeaseGrant("more", Other, 1, Minute)], [], _clock.GetTimestamp());
        Assert.Equal([new LeaseClaim("more", Other, 1)], leases.Released);
        Assert.Equal("no block of pool 'more': pool 'v6' gives IPv6, too", leases.Warning);
    }

    [Fact]
    public async Task TwoPools_OneGives_IsReadyWithAWarning()
    {
        var leases = Create(pools: ["v4", "v6"]);
        leases.Apply(
            [new LeaseGrant("v6", Block, 7, Minute)], ["pool v4 has no free block"], _clock.GetTimestamp());
        await UsedAsync(leases);
        Assert.Equal("no block of pool 'v4': pool v4 has no free block", leases.Warning);
    }

    [Fact]
    public void Pool_ThatGivesNothing_SaysWhy()
    {
        var leases = Create();
        leases.Apply([], ["there is no pool v6"], _clock.GetTimestamp());
        Assert.Equal("no block of pool 'v6': there is no pool v6", leases.NotReady);
    }

    [Fact]
    public void Grant_ThatNobodyAskedFor_IsGivenBack()
    {
        var leases = Create();
        leases.Apply([new LeaseGrant("else", Other, 1, Minute)], [], _clock.GetTimestamp());
        leases.Apply([new LeaseGrant("else", Other, 1, Minute)], [], _clock.GetTimestamp());
        Assert.Equal([new LeaseClaim("else", Other, 1)], leases.Released);
        Assert.Empty(_egress.Log);
    }

    [Fact]
    public void Grant_ThatHasRunOutOnItsWay_IsNotUsed()
    {
        var leases = Create();
        var sentAt = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromSeconds(61));
        leases.Apply([new LeaseGrant("v6", Block, 7, Minute)], [], sentAt);
        Assert.Empty(leases.Claims);
        Assert.Empty(_egress.Log);
    }

    /// <summary>What is never told to be over can never be had again.</summary>
    [Fact]
    public async Task End_ThatFails_IsTriedAgain()
    {
        var leases = await CreateUsedAsync();
        var failures = 1;
        _egress.OnEnd = () =>
        {
            if (Interlocked.Decrement(ref failures) >= 0)
                throw new OutOfMemoryException();
        };
        Pass(leases, 60);
        await Eventually.HoldsAsync(() =>
        {
            leases.Tick();
            return _egress.Log.Last() == "forget " + Block;
        });
        Assert.Equal(2, _egress.Log.Count(static line => line.StartsWith("end", StringComparison.Ordinal)));
        Assert.Empty(leases.Claims);
    }

    [Fact]
    public async Task Route_ThatCannotBeMade_IsTriedAgain()
    {
        var leases = Create();
        _egress.Fault = "no permission";
        Grant(leases, Block);
        await Eventually.HoldsAsync(() => leases.NotReady == "no block of pool 'v6': no permission");
        _egress.Fault = null;
        leases.Tick();
        Assert.Single(_egress.Log);
        Pass(leases, 5);
        await UsedAsync(leases);
        Assert.Equal([Claim(Block)], leases.Claims);
    }

    private LeaseHolder Create(EgressConfig? own = null, LeaseHook? hook = null, string[]? pools = null) => new(
        new FleetConfig { Mode = FleetMode.Local, Pools = [.. pools ?? ["v6"]] }, own
            ?? new EgressConfig(), _egress, hook,
        _clock, NullLogger.Instance)
    {
        IsUsed = _ => _isUsed,
    };

    // One that uses the block.
    private async Task<LeaseHolder> CreateUsedAsync(LeaseHook? hook = null, string[]? pools = null)
    {
        var leases = Create(hook: hook, pools: pools);
        Grant(leases, Block);
        await UsedAsync(leases);
        return leases;
    }

    private void Grant(LeaseHolder leases, Prefix block, long epoch = 7) =>
        leases.Apply([new LeaseGrant("v6", block, epoch, Minute)], [], _clock.GetTimestamp());

    private static Task UsedAsync(LeaseHolder leases) =>
        Eventually.HoldsAsync(() => leases.InUse.Count > 0);

    private void Pass(LeaseHolder leases, double seconds)
    {
        _clock.Advance(TimeSpan.FromSeconds(seconds));
        leases.Tick();
    }

    private static LeaseClaim Claim(Prefix block, long epoch = 7) => new("v6", block, epoch);

    private sealed class FakeEgress : ILeasedEgress
    {
        private readonly ConcurrentQueue<string> _log = new();
        private TaskCompletionSource _prepare = Done();
        private TaskCompletionSource _end = Done();

        public IReadOnlyCollection<string> Log => [.. _log];

        public List<EgressLease> Offered { get; } = [];

        public string? Fault { get; set; }

        public Action OnOffer { get; set; } = static () => { };

        public Action OnEnd { get; set; } = static () => { };

        public void Note(string line) => _log.Enqueue(line);

        public void HoldPrepare() => _prepare = new TaskCompletionSource();

        public void LetPrepare() => _prepare.SetResult();

        public void HoldEnd() => _end = new TaskCompletionSource();

        public void LetEnd() => _end.SetResult();

        public string? Prepare(Prefix prefix)
        {
            Assert.True(_prepare.Task.Wait(TimeSpan.FromSeconds(60)));
            Note($"prepare {prefix}");
            return Fault;
        }

        public void Offer(EgressLease lease)
        {
            Offered.Add(lease);
            Note($"offer {lease.Prefix}");
            OnOffer();
        }

        public void Withdraw(EgressLease lease) => Note($"withdraw {lease.Prefix}");

        public Task EndAsync(EgressLease lease)
        {
            Note($"end {lease.Prefix}");
            OnEnd();
            return _end.Task;
        }

        public void Forget(Prefix prefix) => Note($"forget {prefix}");

        private static TaskCompletionSource Done()
        {
            var done = new TaskCompletionSource();
            done.SetResult();
            return done;
        }
    }
}
