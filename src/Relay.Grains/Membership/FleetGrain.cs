using Microsoft.Extensions.Logging;
using Relay.Fleet.Contract;
using Relay.Fleet.Nodes;
using Relay.Grains.Contracts;
using Relay.Grains.Events;
using Relay.Grains.State;

namespace Relay.Grains.Membership;

/// <inheritdoc cref="IFleetGrain"/>
/// <remarks>
/// What a node carries comes here in stages: its grain tells a stage once a second, and this grain pulls from the
/// stages. Only what is rare comes directly: a node that joins, leaves, or changes its state. The nodes are stored now
/// and then, so that a new activation knows whom to miss; pools, limits and drains before they are answered.
/// </remarks>
[KeepAlive]
internal sealed partial class FleetGrain : Grain, IFleetGrain
{
    private static readonly TimeSpan TickPeriod = TimeSpan.FromSeconds(1);

    // Of each coordinator there is one every two seconds.
    private static readonly TimeSpan LongestPulse = TimeSpan.FromSeconds(5);
    // Longer than the cluster takes to find out who is gone. Two that do not reach each other, and others that reach both, are
    // not its matter: they are waited for no longer.
    private static readonly TimeSpan LongestDeafness = TimeSpan.FromSeconds(30);

    private readonly IPersistentState<NodeRegistryState> _stored;
    private readonly CommitQueue<FleetDecider, FleetRecord> _fleet;
    private readonly FleetTimings _timings;
    private readonly GrainClock _clock;
    private readonly DeciderClock _wallClock;
    private readonly SiloConfig _config;
    private readonly ISiloStatusOracle _silos;
    private readonly IStoreState _store;
    private readonly ILogger<FleetGrain> _logger;
    private readonly EventOutbox _events;
    private readonly Dictionary<string, long> _pulses = new(StringComparer.Ordinal);
    private NodeRegistry _registry = null!;
    private Task _ticking = Task.CompletedTask;

    public FleetGrain(
        [PersistentState("nodes", GrainKeys.Storage)] IPersistentState<NodeRegistryState> nodes,
        [PersistentState("book", GrainKeys.Promises)] IPersistentState<FleetRecord> fleet,
        SiloConfig config,
        GrainClock clock,
        ISiloStatusOracle silos,
        IStoreState store,
        ILogger<FleetGrain> logger)
    {
        (_stored, _config, _timings, _clock, _silos, _store, _logger) =
            (nodes, config, config.Timings, clock, silos, store, logger);
        _wallClock = new DeciderClock(clock.Time, _timings);
        _fleet = new CommitQueue<FleetDecider, FleetRecord>(
            fleet, () => store.ReadHistoryAsync("book", this.GetGrainId()),
            state => new FleetDecider(state, config.Timings, _wallClock.Begin()), static state => state.ToState(),
            static state => state.Revision, DeactivateOnIdle, state => state.LoseMemory(clock.Now),
            _wallClock.OnStored);
        _events = new EventOutbox(GrainFactory, clock);
    }

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _registry = new NodeRegistry(_timings, _clock.Now, _stored.RecordExists ? _stored.State : null);
        await _fleet.RunAsync(fleet => fleet.Begin(_clock.Now));
        _registry.Follow(_fleet.Decider.Quarantine, _clock.Now);
        if (_clock.Ticks)
            this.RegisterGrainTimer(
                static grain => grain.TickAsync(), this, new GrainTimerCreationOptions(TickPeriod, TickPeriod)
                {
                    Interleave = true,
                    KeepAlive = true,
                });
    }

    /// <inheritdoc/>
    public Task PulseAsync() => Task.CompletedTask;

    /// <inheritdoc/>
    public Task PulseAsync(Pulse pulse)
    {
        _pulses[pulse.Silo] = _clock.Time.GetTimestamp();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task TickAsync()
    {
        if (_ticking.IsCompleted)
            _ticking = RunTickAsync();
        return _ticking;
    }

    private async Task RunTickAsync()
    {
        ExpireUsedUp();
        _registry.IsDeaf = IsDeaf();
        // What was stored though it seemed to fail is known with whatever was read since.
        FollowQuarantine();
        // Who keeps the users may be slow: that nodes are heard does not wait for it.
        var users = TryAsync("users", AskUsersAsync);
        await PullAsync();
        var now = _clock.Now;
        var tick = _registry.Tick(now);
        _events.Add(NodeRegistry.EventsOf(tick, now));
        _isUnstored |= tick != RegistryTick.None;
        foreach (var node in tick.Silent)
            Close(node.Id);
        foreach (var node in tick.Forgotten)
        {
            Forget(node.Id);
            Gone(node.Id);
        }
        DropLeft(now);
        await TryAsync("drains", async () =>
        {
            await KnowDrainsAsync();
            await AdvanceDrainsAsync();
        });
        await TryAsync("pools", ExcludeAsync);
        await TryAsync("pools", PollPoolsAsync);
        await TryAsync("nodes", StoreNodesNowAndThenAsync);
        await TryAsync("storage", AskStoreAsync);
        _events.Add(NodeRegistry.RateEvent(Rates, Load, now));
        await _events.FlushAsync();
        await users;
    }

    // A member that has been heard, and is not: it hangs, or this grain's silo is the one that is cut off. Which of them it is
    // the cluster finds out; until then what nodes report there does not arrive here.
    private bool IsDeaf()
    {
        var members = _silos.GetApproximateSiloStatuses(onlyActive: true).Keys
            .Select(static silo => silo.ToParsableString()).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _pulses.Keys.Where(silo => !members.Contains(silo)).ToList())
            _pulses.Remove(gone);
        return _pulses.Values.Select(at => _clock.Time.GetElapsedTime(at))
            .Any(static unheard => unheard > LongestPulse && unheard < LongestDeafness);
    }

    // What one part of a tick cannot do for now, the next tick does; the other parts go on.
    private async Task TryAsync(string what, Func<Task> part)
    {
        try
        {
            await part();
        }
        catch (Exception exception)
        {
            Log.TickFailed(_logger, what, exception.Message);
        }
    }

    private FleetFacts Facts() => new()
    {
        LimitsVersion = LimitsVersion,
        Users = FreshUserStanding,
        Nodes = Math.Max(1, _registry.HeardCount),
        IsCutOff = _registry.IsDeaf,
    };
}
