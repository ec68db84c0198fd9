using System.Text.Json;
using Relay.Fleet.Json;
using Relay.Fleet.Leases;

namespace Relay.Fleet.Tests.Leases;

/// <summary>
/// A pool, its grantors and the processes that hold its blocks, with a network between them that loses, repeats, delays
/// and reorders. Time is true time; every clock is wrong in its own way.
/// </summary>
internal sealed class LeaseWorld
{
    public static readonly FleetTimings Timings = new()
    {
        LeaseTime = TimeSpan.FromSeconds(120),
        HolderMargin = TimeSpan.FromSeconds(20),
        MaxClockSkew = TimeSpan.FromSeconds(5),
        Quarantine = TimeSpan.FromSeconds(1),
    };

    public static readonly PrefixPool Pool =
        new() { Name = "pool", Prefix = Prefix.Parse("192.0.2.0/28"), BlockLength = 30 };

    private readonly List<(TimeSpan Until, Func<bool> Deliver)> _network = [];
    private readonly List<Grantor> _grantors;
    private readonly Random _random;
    private readonly List<Record> _past = [];
    private int _history;
    private long _version;
    private bool _hasForgotten;

    public LeaseWorld(int grantorCount, int seed)
    {
        _random = new Random(seed);
        Storage = Write(PrefixAllocator.Create(Pool, _random, Clock(TimeSpan.Zero)), writer: null);
        // The two clocks are as far apart as the timings allow.
        _grantors = [.. Enumerable.Range(0, grantorCount).Select(i => new Grantor(this, i * Timings.MaxClockSkew))];
    }

    public TimeSpan Now { get; private set; } = TimeSpan.FromDays(1);

    /// <summary>What is stored.</summary>
    public Record Storage { get; private set; }

    /// <summary>
    /// Every process that may still send from a block: also one that another has taken the name from.
    /// </summary>
    public List<HolderProcess> Processes { get; } = [];

    public int GrantsSeen { get; set; }

    public DateTimeOffset Clock(TimeSpan skew) => DateTimeOffset.UnixEpoch + TimeSpan.FromDays(20_000) + Now + skew;

    public void Start(string node) => Processes.Add(new HolderProcess(this, node, 0.99 + 0.02 * _random.NextDouble()));

    public void Crash(HolderProcess process) => Processes.Remove(process);

    /// <summary>A node claims a block that it never had, by a grant about as new as those that there are; it sends from none.</summary>
    public void Lie(int choice)
    {
        var grantor = AnyGrantor(choice);
        var block = Pool.Prefix.Block((UInt128)(choice % 4), Pool.BlockLength);
        var epoch = grantor.Clock.ToUnixTimeMilliseconds() + (choice % 2 == 0 ? choice - 500 : 1000 * (choice - 500));
        grantor.Answer(new LeaseRequest(
            "liar", Guid.NewGuid(), IsWanted: choice % 3 == 0, [new LeaseClaim(Pool.Name, block, epoch)], []));
    }

    public Grantor AnyGrantor(int choice) => _grantors[choice % _grantors.Count];

    /// <summary>
    /// A message is on its way: it arrives when its turn comes by chance, or not, but not later than the margin.
    /// </summary>
    public void Send(Func<bool> deliver) =>
        _network.Add((Now + Timings.HolderMargin - TimeSpan.FromSeconds(1), deliver));

    /// <summary>Some message arrives; it stays to arrive again.</summary>
    public void Deliver(int choice, bool again)
    {
        _network.RemoveAll(message => message.Until < Now);
        if (_network.Count == 0)
            return;
        var index = choice % _network.Count;
        var (_, deliver) = _network[index];
        if (!again)
            _network.RemoveAt(index);
        deliver();
    }

    public void Lose(int choice)
    {
        if (_network.Count > 0)
            _network.RemoveAt(choice % _network.Count);
    }

    public void Pass(TimeSpan time) => Now += time;

    /// <summary>All that the grantors know is gone, as when the memory of the only one is.</summary>
    public void LoseState()
    {
        _hasForgotten = true;
        var now = _grantors[0].Clock;
        Storage = Write(PrefixAllocator.Create(Pool, _random, now, now + Timings.LeaseTime), writer: null);
        foreach (var grantor in _grantors)
            grantor.Crash();
    }

    /// <summary>
    /// Storage has lost the last few writes that it had taken, and is in another history. Whoever took part in them
    /// remembers; where the grantors end with it, nobody does but the nodes.
    /// </summary>
    public void RollBack(int choice, bool crash)
    {
        _hasForgotten = true;
        var index = _past.Count - 1 - choice % Math.Min(_past.Count, 8);
        // Its tag is another: storage took none of the writes that are lost.
        Storage = _past[index] with { Version = ++_version };
        _past.RemoveRange(index + 1, _past.Count - index - 1);
        _history++;
        if (!crash)
            return;
        foreach (var grantor in _grantors)
            grantor.Crash();
    }

    /// <summary>A grantor's clock is set.</summary>
    public void SetClock(int choice, TimeSpan by)
    {
        _hasForgotten = true;
        AnyGrantor(choice).SetClock(by);
    }

    public void Check()
    {
        var used = new Dictionary<Prefix, HolderProcess>();
        foreach (var process in Processes)
        {
            foreach (var block in process.Used)
            {
                Assert.True(Pool.Prefix.Contains(block));
                Assert.True(used.TryAdd(block, process), $"{block} is used by two processes at {Now}");
                Assert.True(_hasForgotten || IsStillGranted(block),
                    $"{block} is used beyond what its grantors know at {Now}");
            }
        }
        var info = new PrefixAllocator(Storage.State, Timings).ToInfo();
        Assert.Equal(info.Blocks, info.Held + info.Quarantined + info.Free + info.Excluded);
    }

    /// <summary>After everything has run out, no block is missing, and whoever comes gets one.</summary>
    public void CheckThatNothingIsLost()
    {
        Processes.Clear();
        _network.Clear();
        var grantor = _grantors[^1];
        grantor.Crash();
        // A grantor lets go of what it has itself seen unrenewed for a lease time, whatever clocks wrote before it.
        grantor.Operate(allocator => allocator.Expire(grantor.Clock));
        for (var i = 0; i < 2; i++)
        {
            Pass(2 * (Timings.LeaseTime + Timings.Quarantine));
            grantor.Operate(allocator => allocator.Expire(grantor.Clock));
        }
        var info = new PrefixAllocator(Storage.State, Timings).ToInfo();
        Assert.Equal(info.Blocks, info.Free);

        Start("last");
        Processes[0].Report(grantor);
        Assert.Single(Processes[0].Used);
    }

    private Record Write(PrefixPoolState state, Grantor? writer)
    {
        var record = new Record(state, ++_version, writer, (Storage?.Number ?? 0) + 1, _history);
        _past.Add(record);
        return record;
    }

    /// <summary>What is stored, and which write that was.</summary>
    internal sealed record Record(PrefixPoolState State, long Version, Grantor? Writer, long Number, int History);

    // By the clock of whoever is ahead of all others. A block that was given back may be used again by a grantor's
    // answer that is out of date: then it is kept from others.
    private bool IsStillGranted(Prefix block) => Storage.State.Leases
        .Any(lease => lease.Prefix == block && lease.ExpiresAt > _grantors.Max(grantor => grantor.Clock));

    /// <summary>
    /// One that grants, with a clock of its own, and with a copy of the state that may be out of date.
    /// </summary>
    internal sealed class Grantor(LeaseWorld world, TimeSpan skew)
    {
        private (PrefixAllocator Allocator, long Version)? _cached;
        private Record? _known;
        private TimeSpan _clockSet;

        public DateTimeOffset Clock => world.Clock(skew);

        public void Crash() => (_cached, _known, _clockSet) = (null, null, TimeSpan.Zero);

        public void SetClock(TimeSpan by)
        {
            skew += by;
            // One that begins later does not know.
            _clockSet = _cached is null ? TimeSpan.Zero : _clockSet + by;
        }

        public LeaseAnswer? Answer(LeaseRequest request) => Operate(allocator => allocator.Answer(request, Clock));

        /// <summary>Writes by compare-and-set before anything is said; what fails is dropped with the copy.</summary>
        public T? Operate<T>(Func<PrefixAllocator, T> operation)
            where T : class?
        {
            _cached ??= Read();
            var (allocator, version) = _cached.Value;
            var before = allocator.Revision;
            if (_clockSet != TimeSpan.Zero)
                allocator.OnClockStep(_clockSet, Clock);
            var answer = operation(allocator);
            if (allocator.Revision == before)
                return answer;
            if (version != world.Storage.Version)
            {
                _cached = null;
                return null;
            }
            world.Storage = _known = world.Write(allocator.ToState(), this);
            (_cached, _clockSet) = ((allocator, _known.Version), TimeSpan.Zero);
            return answer;
        }

        private (PrefixAllocator Allocator, long Version) Read()
        {
            var read = world.Storage;
            var hasLost = _known is null
                ? read.History != world._history
                : _known.Writer == this && read.Number < _known.Number;
            if (!hasLost || _known is null)
                _known = read;
            // Through JSON, as storage has it.
            var allocator = new PrefixAllocator(
                JsonSerializer.Deserialize(
                    JsonSerializer.Serialize(_known.State, FleetJson.Of<PrefixPoolState>()),
                    FleetJson.Of<PrefixPoolState>())!,
                Timings, Clock);
            if (hasLost)
                allocator.Recover(Clock);
            return (allocator, world.Storage.Version);
        }
    }
}
