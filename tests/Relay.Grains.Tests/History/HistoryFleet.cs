using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;
using Orleans.Core.Internal;
using Relay.Grains.Hosting;
using Relay.Grains.State;
using Relay.Testing.Nodes;
using Relay.Testing.Redis;
using StackExchange.Redis;

namespace Relay.Grains.Tests.History;

/// <summary>
/// Three coordinators on a Redis server with a replica, and nodes whose links and lease holders are the shipped ones.
/// Time passes when the history says so; every process judges by clocks of its own. After every step no block may be in
/// use twice, and who was not disturbed must have the block that it had.
/// </summary>
internal sealed partial class HistoryFleet : IAsyncDisposable
{
    internal static readonly FleetTimings Timings = new()
    {
        ReportInterval = TimeSpan.FromSeconds(1),
        NodeTimeout = TimeSpan.FromSeconds(4),
        LeaseTime = TimeSpan.FromSeconds(24),
        HolderMargin = TimeSpan.FromSeconds(4),
        MaxClockSkew = TimeSpan.FromSeconds(2),
        Quarantine = TimeSpan.FromSeconds(3),
        LameTime = TimeSpan.FromSeconds(1),
        ReturnTime = TimeSpan.FromSeconds(20),
        ForgetAfter = TimeSpan.FromSeconds(30),
    };

    internal static readonly PrefixPool Pool =
        new() { Name = "edge", Prefix = Prefix.Parse("2001:db8::/59"), BlockLength = 64 };

    private static readonly PrefixPool Larger = Pool with { Prefix = Prefix.Parse("2001:db8::/58") };

    /// <summary>The grains that decide about blocks, and about pools.</summary>
    internal static readonly string[] Deciders = ["PrefixPoolGrain", "FleetGrain"];

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly List<SimulatedNode> _nodes = [];
    private readonly Dictionary<SimulatedNode, SetClock> _nodeClocks = [];
    private readonly Dictionary<SimulatedNode, Prefix> _undisturbed = [];
    private readonly HashSet<SimulatedNode> _disturbed = [];
    private readonly ReplicatedRedis _redis;
    private readonly SetClock[] _clocks;
    private readonly SiloAddress[] _silos = new SiloAddress[3];
    private GrainFleetHost[] _hosts = [];
    // Blocks that two processes used at one moment, and those that somebody lost to whom nothing had happened.
    private readonly List<string> _doubleHolds = [];
    private readonly List<string> _lost = [];
    private TimeSpan _slowest;
    private int _grants;
    private string? _generation;
    private PrefixPool _pool = Pool;
    private int _turn;

    private HistoryFleet(ReplicatedRedis redis) =>
        (_redis, _clocks) = (redis, [.. Enumerable.Range(0, 3).Select(_ => new SetClock(_time))]);

    internal IReadOnlyList<SimulatedNode> Nodes => _nodes;

    internal ReplicatedRedis Redis => _redis;

    internal IFleet Fleet => _hosts[++_turn % _hosts.Length].Fleet;

    internal static async Task<HistoryFleet> StartAsync(int nodes)
    {
        var fleet = new HistoryFleet(await ReplicatedRedis.StartAsync());
        fleet._hosts = await Task.WhenAll(Enumerable.Range(0, 3).Select(fleet.StartHostAsync));
        await fleet.UntilAllAreMembersAsync();
        await fleet.PassAsync(2 * Timings.LeaseTime);
        for (var i = 0; i < nodes; i++)
            fleet.Join($"node-{i}");
        await fleet.UntilAllHaveABlockAsync();
        return fleet;
    }

    /// <summary>A node that reports from the next second on.</summary>
    internal SimulatedNode Join(string name)
    {
        var clock = new SetClock(_time);
        // Nobody's wall clock is another's.
        clock.Set(TimeSpan.FromMinutes(7 * _nodes.Count));
        var node = new SimulatedNode(name, clock: clock) { Pools = [Pool.Name] };
        _nodeClocks.Add(node, clock);
        _disturbed.Add(node);
        _nodes.Add(node);
        return node;
    }

    /// <summary>The node's process is gone, and no other comes.</summary>
    internal void Leave(SimulatedNode node)
    {
        Disturb(node);
        node.IsDead = true;
        _nodes.Remove(node);
    }

    /// <summary>What happens to the node's blocks from now on is not counted as lost, until it has one again.</summary>
    internal void Disturb(SimulatedNode node)
    {
        _undisturbed.Remove(node);
        _disturbed.Add(node);
    }

    /// <summary>Deletes everything that the fleet has stored.</summary>
    internal async Task EmptyAsync()
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(_redis.Configuration);
        await foreach (var key in connection.GetServers()[0].KeysAsync(pattern: $"{new SiloConfig().ClusterId}/state/*"))
            await connection.GetDatabase().KeyDeleteAsync(key);
    }

    /// <summary>The process is gone, and another has begun in its place.</summary>
    internal async Task RestartAsync(int node)
    {
        Disturb(_nodes[node]);
        await _nodes[node].RestartAsync();
    }

    /// <summary>
    /// Something is done to Redis that breaks connections. No time passes for the fleet until every coordinator is connected
    /// again: how long that takes is this machine's.
    /// </summary>
    internal async Task BreakAsync(Func<ReplicatedRedis, Task> fault)
    {
        IStoreState[] stores = [.. _hosts.Select(static host => host.Silo!.Services.GetRequiredService<IStoreState>())];
        var grain = GrainId.Create("pool", Pool.Name);
        var before = await stores[0].ReadHistoryAsync("pool", grain);
        await fault(_redis);
        foreach (var store in stores)
            await Eventually.HoldsAsync(
                "another history", () => store.ReadHistoryAsync("pool", grain), now => now is not null && now != before);
    }

    /// <summary>Sets one node's wall clock.</summary>
    internal void SetNodeClock(int node, TimeSpan error) => _nodeClocks[_nodes[node]].Set(error);

    /// <summary>An operator makes the pool larger, or smaller again where its leases allow that.</summary>
    internal async Task ChangePoolAsync()
    {
        var changed = _pool == Pool ? Larger : Pool;
        if ((await Fleet.PutPoolAsync(changed, null, default)).IsOk)
            _pool = changed;
    }

    /// <summary>
    /// Something is done to Redis that takes the table of members. Each silo finds that out by itself, which takes seconds of this
    /// machine's time, and begins anew.
    /// </summary>
    internal async Task BreakMembersAsync(Func<ReplicatedRedis, Task> fault)
    {
        var before = _hosts.Select(static host => host.Silo).ToArray();
        await fault(_redis);
        await Eventually.HoldsAsync(() => _hosts.Zip(before).All(
            static silo => silo.First.Silo is { } now && now != silo.Second), "silos that the table knows");
        await UntilAllAreMembersAsync();
    }

    /// <summary>Sets one coordinator's wall clock.</summary>
    internal void SetClock(int coordinator, TimeSpan error) => _clocks[coordinator].Set(error);

    /// <summary>
    /// Ends the grains that decide about blocks and pools, as the death of their silo does: what they had in memory is gone.
    /// </summary>
    /// <param name="kinds">Which of <see cref="Deciders"/>; all unless told.</param>
    internal Task EndDecidersAsync(params string[] kinds) => Eventually.DoneAsync("ended grains", async () =>
    {
        var grains = _hosts[0].Silo!.Services.GetRequiredService<IGrainFactory>();
        var active = await grains.GetGrain<IManagementGrain>(0).GetDetailedGrainStatistics();
        await Task.WhenAll(active
            .Where(entry => Array.Exists(kinds.Length > 0 ? kinds : Deciders, kind => entry.GrainType.Contains(kind, StringComparison.Ordinal)))
            .Select(entry => grains.GetGrain(entry.GrainId).AsReference<IGrainManagementExtension>().DeactivateOnIdle()
                .AsTask()));
    });

    /// <summary>How long it took, by the fleet's time, until everybody had a block after the last fault.</summary>
    internal TimeSpan Took { get; private set; }

    /// <summary>After a fault: somebody wants a block just then, and time passes until all have one again.</summary>
    /// <returns>How it went.</returns>
    internal async Task<string> SettleAsync()
    {
        await RestartAsync(0);
        await PassAsync(TimeSpan.FromSeconds(1));
        var took = Took = await UntilAllHaveABlockAsync();
        _slowest = took > _slowest ? took : _slowest;
        await PassAsync(Timings.LeaseTime / 4);
        return $"blocks after {took.TotalSeconds} s; {_grants} grants, used twice: {string.Join("; ", _doubleHolds)}, "
            + $"lost: {string.Join("; ", _lost)}";
    }

    /// <summary>What every history must have come to.</summary>
    internal void Check(int atLeastGrants)
    {
        Assert.Empty(_doubleHolds);
        Assert.Empty(_lost);
        Assert.True(_grants >= atLeastGrants, $"the history granted too little: {_grants}");
        Assert.True(_slowest <= Timings.LeaseTime + TimeSpan.FromSeconds(10), $"blocks again after {_slowest}");
    }

    /// <summary>A time passes, a second at a step.</summary>
    internal async Task PassAsync(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += Timings.ReportInterval)
            await StepAsync();
    }

    /// <summary>Until every living node has a block.</summary>
    /// <returns>How long that took, in the fleet's time.</returns>
    private async Task<TimeSpan> UntilAllHaveABlockAsync()
    {
        var begin = _time.GetUtcNow();
        while (_nodes.Exists(static node => !node.IsDead && !node.UsedBlocks.Any()))
        {
            Assert.True(
                _time.GetUtcNow() - begin < 10 * Timings.LeaseTime,
                $"nodes never had a block again: {string.Join("; ", _nodes.Where(static node => !node.UsedBlocks.Any()).Select(
                    static node => $"{node.Name}: {string.Join(", ", node.LastDirective?.LeaseFaults ?? [])} {node.LastFailure}"))}");
            await StepAsync();
        }
        return _time.GetUtcNow() - begin;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        await Task.WhenAll(_hosts.Select(static host => host.DisposeAsync().AsTask()));
        await _redis.DisposeAsync();
    }

    private async Task StepAsync()
    {
        _time.Advance(Timings.ReportInterval);
        foreach (var node in _nodes)
        {
            node.LookAtDeadlines();
            await node.TryReportAsync(Fleet);
            Judge();
        }
        await TickAsync();
        await DefineAsync();
    }

    private async Task TickAsync()
    {
        try
        {
            await ((GrainFleet)Fleet).TickAsync(default);
        }
        catch (FleetUnavailableException)
        {
            // It ticks when its storage is back.
        }
    }

    // As coordinators define the pools of their files when the fleet's memory has begun anew.
    private async Task DefineAsync()
    {
        try
        {
            var overview = await Fleet.GetOverviewAsync(default);
            if (overview.Generation == _generation)
                return;
            if (await Fleet.GetPoolAsync(Pool.Name, default) is { IsFound: false } known && known.Pool with { Version = "" } == _pool)
            {
                _generation = overview.Generation;
                return;
            }
            if (!(await Fleet.PutPoolAsync(_pool, null, default)).IsOk)
                return;
            _generation = overview.Generation;
        }
        catch (FleetUnavailableException)
        {
            // It is tried again with the next step.
        }
    }

    private void Judge()
    {
        foreach (var both in _nodes.SelectMany(static node => node.UsedBlocks.Select(block => (block, node.Name)))
            .GroupBy(static use => use.block).Where(static uses => uses.Count() > 1))
        {
            var text = $"{both.Key}: {string.Join(" and ", both.Select(static use => use.Name))}";
            if (!_doubleHolds.Contains(text))
                _doubleHolds.Add(text);
        }
        foreach (var node in _nodes)
        {
            if (node.UsedBlocks.FirstOrDefault() is var block && block == default)
            {
                if (_undisturbed.Remove(node, out var had))
                    _lost.Add($"{node.Name}: {had}");
            }
            else if (!_undisturbed.TryGetValue(node, out var before))
            {
                // Who is cut off may lose what it still has.
                if (node.IsCutOff)
                    continue;
                _undisturbed.Add(node, block);
                if (_disturbed.Remove(node))
                    _grants++;
            }
            else if (!node.UsedBlocks.Contains(before))
            {
                _undisturbed[node] = block;
                _lost.Add($"{node.Name}: {before}");
            }
        }
    }

    private async Task<GrainFleetHost> StartHostAsync(int coordinator)
    {
        var config = new SiloConfig
        {
            Address = new IPEndPoint(IPAddress.Loopback, 0),
            Redis = $"{_redis.Configuration},asyncTimeout=60000,syncTimeout=60000,connectTimeout=60000",
            Timings = Timings,
        };
        var host = (GrainFleetHost)await GrainFleetHost.StartAsync(
            config, NullLoggerFactory.Instance, new GrainClock(_clocks[coordinator], ticks: false), silo =>
            {
                silo.Configure<ClusterMembershipOptions>(static membership => membership.NumMissedProbesLimit = 1000);
                _gate.AddTo(silo, coordinator);
            }, default);
        await Eventually.HoldsAsync("a silo", () => Task.FromResult(host.Silo), static silo => silo is not null);
        return host;
    }
}
