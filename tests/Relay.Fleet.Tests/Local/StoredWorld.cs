using Relay.Fleet.Local;
using Relay.Testing.Behaviour;

namespace Relay.Fleet.Tests.Local;

/// <summary>
/// A fleet in one process with a store, its nodes' processes and its operators. It may be killed at any moment: after it has
/// decided, while it writes, and before or after its answers have arrived.
/// </summary>
internal sealed class StoredWorld
{
    public const string Pool = "pool";

    public static readonly FleetTimings Timings = FleetBehaviour.Timings with { Quarantine = TimeSpan.FromSeconds(1) };

    private static readonly string?[] None = [null];

    private readonly ManualTime _time = new();
    private readonly List<Call> _calls = [];
    private readonly List<Action> _answers = [];
    // What each thing may be, as far as operators were told; one that is asked for may be as it is asked to be.
    private readonly Dictionary<string, HashSet<string?>> _possible = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    // What was asked for, and not known to be done: it may be on the disk, or on its way to it.
    private readonly Dictionary<string, HashSet<string?>> _unresolved = new(StringComparer.Ordinal);
    private LocalFleet _fleet;

    public StoredWorld()
    {
        _fleet = Begin();
        // A fleet that has just begun may not know all that is held.
        Pass(Timings.LeaseTime + TimeSpan.FromSeconds(1));
        PutPool(30);
    }

    public DateTimeOffset Now => _time.True.GetUtcNow();

    public MemoryStore Disk { get; } = new();

    /// <summary>Every process that may send from a block.</summary>
    public List<StoredHolder> Processes { get; } = [];

    public int GrantsSeen { get; set; }

    public int ChangesTold { get; private set; }

    public void Pass(TimeSpan time)
    {
        _time.Advance(time);
        _fleet.Tick();
    }

    /// <summary>The process ends without warning, and another begins. A write that is under way arrives, or does not.</summary>
    public void Kill(bool writeArrives, bool answersLeave)
    {
        if (writeArrives)
            Disk.LetGo();
        if (answersLeave)
            TakeAnswers();
        _calls.Clear();
        _asked.Clear();
        _fleet = Begin();
        foreach (var (what, values) in _possible)
            Assert.Contains(Stored(what), values);
        foreach (var what in _possible.Keys.ToArray())
            _possible[what] = [Stored(what)];
        _unresolved.Clear();
    }

    public void Start(string node) => Processes.Add(new StoredHolder(this, node));

    public void Report(StoredHolder process)
    {
        var sentAt = Now;
        try
        {
            Ask(_fleet.ReportAsync(process.Next(), default), directive => _answers.Add(() => process.Obey(directive, sentAt)));
        }
        catch (Exception e) when (e is NodeNameTakenException or FleetRejectedException)
        {
            // Another process has the name.
        }
    }

    /// <summary>Some answer arrives, though its sender may be gone.</summary>
    public void Deliver(int choice)
    {
        if (_answers.Count == 0)
            return;
        var answer = _answers[choice % _answers.Count];
        _answers.Remove(answer);
        answer();
    }

    public void Lose(int choice)
    {
        if (_answers.Count > 0)
            _answers.RemoveAt(choice % _answers.Count);
    }

    public void PutPool(int blockLength) => Change(
        $"pool {Pool}", $"/{blockLength}",
        () => _fleet.PutPoolAsync(FleetWorld.PoolOf(Pool, "192.0.2.0/28", blockLength), null, default));

    public void DeletePool() => Change($"pool {Pool}", null, () => _fleet.DeletePoolAsync(Pool, null, default));

    public void Revoke(int block) =>
        Ask(_fleet.RevokeLeaseAsync(Pool, Prefix.Parse("192.0.2.0/28").Block((UInt128)(block % 4), 30), default), static _ => { });

    public void PutLimit(int tunnels) => Change(
        "limit anonymous", $"{tunnels}",
        () => _fleet.PutLimitAsync(
            new LimitRule { Identity = "anonymous", Limit = new IdentityLimit { Tunnels = tunnels } }, null, default));

    public void DeleteLimit() =>
        Change("limit anonymous", null, () => _fleet.DeleteLimitAsync("anonymous", null, default));

    public void Drain(string id, string node) => Change(
        $"drain {id}", id,
        () => _fleet.StartDrainAsync(new DrainRequest { Id = id, Nodes = [node], DeadlineSeconds = 3600 }, default));

    public void Undrain(string node) => Ask(_fleet.UndrainAsync(node, default), static _ => { });

    /// <summary>An operator looks: what is seen is as good as promised.</summary>
    public void Look()
    {
        Ask(_fleet.GetPoolAsync(Pool, default), static pool => pool is null || pool.IsFound ? null : $"/{pool.Pool.BlockLength}", $"pool {Pool}");
        Ask(_fleet.ListLimitsAsync(default), static rules => rules.Count == 0 ? null : $"{rules[0].Limit.Tunnels}", "limit anonymous");
        foreach (var drain in _possible.Keys.Where(static what => what.StartsWith("drain ", StringComparison.Ordinal)).ToArray())
            Ask(_fleet.GetDrainAsync(drain["drain ".Length..], default), static info => info?.Id, drain);
    }

    public void Check()
    {
        TakeAnswers();
        // With no write on its way, the disk says what became of it.
        foreach (var (what, values) in Disk.IsHolding ? [] : _unresolved)
        {
            foreach (var value in values.Where(value => value != Stored(what)).ToArray())
                values.Remove(value);
        }
        var used = new HashSet<Prefix>();
        foreach (var process in Processes)
        {
            foreach (var (block, epoch) in process.Used)
            {
                Assert.True(used.Add(block), $"{block} is used by two processes at {Now:T}");
                Assert.True(
                    Disk.State!.Pools.SelectMany(static pool => pool.Leases).Any(lease => lease.Prefix == block && lease.Epoch == epoch
                        && lease.IsLive && lease.Node == process.Node && lease.Incarnation == process.Incarnation),
                    $"{block} is used by {process.Node} at {Now:T}, which the store does not know");
            }
        }
    }

    private LocalFleet Begin() =>
        new(new LocalFleetConfig { Timings = Timings }, [], _time, new Random(5), Disk.Open());

    private void Change<T>(string what, string? value, Func<ValueTask<FleetResult<T>>> change)
    {
        if (!_asked.Add(what))
            return;
        var possible = PossibleOf(what);
        var isNew = possible.Add(value);
        Ask(change(), result =>
        {
            _asked.Remove(what);
            if (result.IsOk)
            {
                _possible[what] = [value];
                _unresolved.Remove(what);
                ChangesTold++;
            }
            else if (result.Status == FleetStatus.Unavailable)
            {
                (_unresolved.TryGetValue(what, out var values) ? values : _unresolved[what] = []).Add(value);
            }
            else if (isNew)
            {
                possible.Remove(value);
            }
        });
    }

    private void Ask<T>(ValueTask<T> call, Func<T, string?> valueOf, string what) => Ask(call, answer =>
    {
        var value = valueOf(answer);
        Assert.True(PossibleOf(what).Contains(value), $"{what} is seen as {value ?? "none"}, and was never that, or is no more");
        // Unless somebody asks for another at this moment.
        if (!_asked.Contains(what))
            _possible[what] = [value, .. _unresolved.GetValueOrDefault(what) ?? []];
    });

    private void Ask<T>(ValueTask<T> call, Action<T> told)
    {
        _calls.Add(new Call<T>(call.AsTask(), told));
        TakeAnswers();
    }

    private void TakeAnswers()
    {
        foreach (var call in _calls.Where(static call => call.IsAnswered).ToArray())
        {
            _calls.Remove(call);
            call.Take();
        }
    }

    private HashSet<string?> PossibleOf(string what) =>
        _possible.TryGetValue(what, out var values) ? values : _possible[what] = [.. None];

    private string? Stored(string what)
    {
        var state = Disk.State;
        return what.Split(' ') switch
        {
            ["pool", var name] => state?.Pools.Where(pool => pool.Pool.Name == name).Select(static pool => $"/{pool.Pool.BlockLength}")
                .SingleOrDefault(),
            ["limit", var identity] => state?.Limits.Rules.Where(rule => rule.Identity == identity)
                .Select(static rule => $"{rule.Limit.Tunnels}").SingleOrDefault(),
            [_, var id] => state?.Drains.Select(static drain => drain.Id).SingleOrDefault(drain => drain == id),
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        };
    }

    private abstract class Call
    {
        public abstract bool IsAnswered { get; }

        public abstract void Take();
    }

    private sealed class Call<T>(Task<T> call, Action<T> told) : Call
    {
        public override bool IsAnswered => call.IsCompleted;

        public override void Take()
        {
            if (call.IsCompletedSuccessfully)
                told(call.Result);
        }
    }
}
