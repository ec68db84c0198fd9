using System.Net;
using Relay.Fleet.Contract;
using Relay.Fleet.Nodes;
using Relay.Grains.Contracts;
using Relay.Grains.State;

namespace Relay.Grains.Membership;

/// <content>The nodes.</content>
internal sealed partial class FleetGrain
{
    private static readonly TimeSpan StorePeriod = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, Told> _heard = new(StringComparer.Ordinal);
    private (long Revision, NameList? List) _names;
    private Task _storing = Task.CompletedTask;
    private bool _isUnstored;
    private long _storedAt;

    /// <inheritdoc/>
    public async Task<NodeStanding> ObserveAsync(NodeObservation observation)
    {
        await KnowDrainsAsync();
        var (info, now) = (observation.Info, _clock.Now);
        if (_fleet.Decider.Quarantine.Has(info.Id))
            return Standing(info.Id);
        var before = _registry.Find(info.Id)?.StaticPrefixes ?? [];
        try
        {
            var events = observation.HasLeft ? _registry.Leave(info.Id, now) : _registry.Observe(info, now);
            _events.Add(events);
        }
        catch (FleetRejectedException exception)
        {
            return new NodeStanding(null, Facts(), exception.Message);
        }
        _heard[info.Id] = new Told(info.Incarnation, observation.Sequence, _pull, observation.HasLeft ? now : null);
        _isUnstored = true;
        if (observation.HasLeft)
        {
            GrainFactory.GetGrain<IStatsGrain>(GrainKeys.ShardOf(info.Id)).CloseAsync(info.Id).Ignore();
            foreach (var driver in _drivers.Values.Where(driver => driver.Has(info.Id)))
                driver.Left(info);
        }
        if (_drivers.Count > 0)
            await TryAsync("drains", AdvanceDrainsAsync);
        if (observation.HasLeft ? before.Count > 0 : !before.SequenceEqual(info.StaticPrefixes))
            await TryAsync("pools", ExcludeAsync);
        await _events.FlushAsync();
        return Standing(info.Id);
    }

    /// <inheritdoc/>
    public Task HearAsync(HeardAlone heard)
    {
        foreach (var node in heard.Nodes)
            _registry.Hear(node.Node, node.Incarnation, TimeSpan.FromMilliseconds(node.AgoMilliseconds), _clock.Now);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<NodeStanding> GetStandingAsync(string node)
    {
        await KnowDrainsAsync();
        return Standing(node);
    }

    /// <inheritdoc/>
    public async Task<Page<NodeInfo>> ListNodesAsync(PageRequest request)
    {
        await FreshenAsync();
        var page = _registry.List(request.Limit, request.Cursor);
        return page with { Items = [.. page.Items.Select(Decorate)] };
    }

    /// <inheritdoc/>
    public async Task<NodeInfo?> GetNodeAsync(string node)
    {
        await FreshenAsync();
        return _registry.Find(node) is { } info ? Decorate(info) : null;
    }

    /// <inheritdoc/>
    public Task<NameList> GetHeardAsync()
    {
        // Asked for with each question for sessions.
        if (_names is not { List: { } names } || _names.Revision != _registry.StateRevision)
            _names = (_registry.StateRevision, names = new NameList([.. _registry.Heard.Select(static node => node.Id)]));
        return Task.FromResult(names);
    }

    /// <inheritdoc/>
    public async Task<FleetResult<NodeInfo>> ForgetNodeAsync(string node)
    {
        await KnowDrainsAsync();
        await FreshenAsync();
        var check = _registry.CheckForget(node);
        if (!check.IsOk)
            return check;
        // What no pool accounts for is known of the node alone.
        if (FoundLeases().FirstOrDefault(lease => lease.Node == node) is { } held)
            return FleetResult.Conflict<NodeInfo>($"{node} may hold {held.Prefix} of pool {held.Pool}, which is not defined: define it first");
        _events.Add(_registry.Forget(node, _clock.Now));
        _isUnstored = true;
        Close(node);
        Forget(node);
        Gone(node);
        await TryAsync("drains", AdvanceDrainsAsync);
        await TryAsync("pools", ExcludeAsync);
        await StoreNodesAsync();
        await _events.FlushAsync();
        return check;
    }

    /// <inheritdoc/>
    public async Task<AddressOwners> GetOwnersAsync(AddressQuestion question)
    {
        await FreshenAsync();
        var address = IPAddress.Parse(question.Address);
        var bits = AddressBits.Of(address);
        var pool = _fleet.Decider.Pools.Pools.FirstOrDefault(pool => pool.Prefix.Contains(bits));
        var name = pool?.Name ?? FoundLeases().FirstOrDefault(found => found.Prefix.Contains(bits))?.Pool;
        var leases = name is null ? [] : (await GrainFactory.GetGrain<IPrefixPoolGrain>(name).FindAsync(question.Address)).Leases;
        var lease = leases is [var held, ..] ? held : null;
        return AddressOwners.Of(
            address, question.At, pool?.BlockLength ?? lease?.Prefix.Length, lease, _registry.Nodes, _timings);
    }

    private NodeStanding Standing(string node) => _fleet.Decider.Quarantine.Has(node)
        ? new(null, Facts(), QuarantineDecider.RefusalOf(node), IsQuarantined: true)
        : new(EnrolledIn(node), Facts());

    private NodeInfo Decorate(NodeInfo info)
    {
        var drain = EnrolledIn(info.Id);
        return info with
        {
            DrainId = drain,
            DesiredState = drain is not null && _drivers.TryGetValue(drain, out var driver) && driver.IsOrdered(info.Id)
                ? NodeState.Drained
                : NodeState.Serving,
        };
    }

    // What was told directly while the stages were asked is newer than what they say.
    private void Hear(HeardNode node, long pull)
    {
        var (info, now) = (node.Info, _clock.Now);
        if (_heard.TryGetValue(info.Id, out var told)
            && (told.Incarnation == info.Incarnation
                ? told.LeftAt is not null || node.Sequence < told.Sequence
                : told.Pull >= pull))
            return;
        try
        {
            var events = _registry.Observe(info, now);
            _isUnstored |= events.Count > 0;
            _events.Add(events);
            _heard[info.Id] = new Told(info.Incarnation, node.Sequence, told.Pull, LeftAt: null);
        }
        catch (FleetRejectedException)
        {
            // Its own report has been refused with the reason.
        }
    }

    // A node that is silent or gone: nothing is open there.
    private void Close(string node)
    {
        GrainFactory.GetGrain<IStatsGrain>(GrainKeys.ShardOf(node)).CloseAsync(node).Ignore();
        GrainFactory.GetGrain<INodeGrain>(node).SilentAsync().Ignore();
    }

    // Soft state: what is lost of it is told again, but for nodes that died at the same time as this grain's silo.
    private Task StoreNodesNowAndThenAsync() =>
        _storedAt != 0 && _clock.Time.GetElapsedTime(_storedAt) < StorePeriod ? Task.CompletedTask : StoreNodesAsync();

    /// <exception cref="StorageConflictException">Another activation has taken over.</exception>
    private async Task StoreNodesAsync()
    {
        while (!_storing.IsCompleted)
            await _storing.Ended();
        if (_isUnstored)
            await (_storing = WriteNodesAsync());
    }

    private async Task WriteNodesAsync()
    {
        (_isUnstored, _storedAt) = (false, _clock.Time.GetTimestamp());
        _stored.State = new NodeRegistryState
        {
            Nodes = [.. _registry.Nodes.Select(node => node with
            {
                Load = new NodeLoad(), Totals = new NodeTotals(), Rates = new NodeRates(), Rtt = new Percentiles(),
                // What no pool accounts for, the next activation is to keep from all of them until its node has reported.
                Leases = [.. _fleet.Decider.Pools.Found(node.Leases)],
            })],
        };
        try
        {
            await _stored.WriteStateAsync();
        }
        catch (Orleans.Storage.InconsistentStateException)
        {
            // Storage has lost what it had, and this activation knows all that there was; or another one has written, which
            // shows when what is promised is written, and ends this one.
            _isUnstored = true;
            await _stored.ReadStateAsync();
            await _fleet.RunAsync(fleet => fleet.Recover(_wallClock.Read(fleet)));
        }
        catch (Exception exception)
        {
            _isUnstored = true;
            throw new GrainUnavailableException($"storage did not take a write: {exception.Message}");
        }
    }

    // A process that has left is remembered for a while, so that what a stage said before does not bring it back.
    private void DropLeft(DateTimeOffset now)
    {
        foreach (var node in _heard.Where(entry => now - entry.Value.LeftAt >= _timings.NodeTimeout)
            .Select(static entry => entry.Key).ToList())
            Forget(node);
    }

    private void Forget(string node)
    {
        _heard.Remove(node);
        GrainFactory.GetGrain<INodeGrain>(node).ForgetAsync().Ignore();
    }

    // How far a node has been heard: by which report, and while which pull that was told directly.
    private readonly record struct Told(Guid Incarnation, long Sequence, long Pull, DateTimeOffset? LeftAt);
}
