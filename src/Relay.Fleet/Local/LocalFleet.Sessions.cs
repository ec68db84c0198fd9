using System.Net;
using Relay.Fleet.Contract;
using Relay.Fleet.Nodes;
using Relay.Fleet.Sessions;

namespace Relay.Fleet.Local;

/// <content>Sessions.</content>
public sealed partial class LocalFleet
{
    private readonly Dictionary<string, FlowSearch> _searches = new(StringComparer.Ordinal);
    private long _lastSearch;

    /// <inheritdoc/>
    public ValueTask<Page<SessionRecord>> ListSessionsAsync(SessionQuery query, CancellationToken cancellation)
    {
        if (query is { EgressAddress: { } address, EgressPort: { } port })
            return new ValueTask<Page<SessionRecord>>(SearchAsync(query, address, port, cancellation));
        lock (_gate)
        {
            var limit = Math.Clamp(query.Limit, 1, 1000);
            var (afterNode, after) = SessionCursor.Parse(query.Cursor);
            List<SessionRecord> found = [];
            var owners = query.EgressAddress is { } shown ? OwnersOf(shown, at: null) : new AddressOwners(Names: null);
            foreach (var node in _registry.Nodes.Where(node => owners.Has(node.Id)))
            {
                var order = afterNode is null ? 1 : string.CompareOrdinal(node.Id, afterNode);
                if (order < 0 || (query.Node is not null && query.Node != node.Id)
                    || !_trackers.TryGetValue(node.Id, out var tracker))
                    continue;
                found.AddRange(tracker.Sessions.Query(query, order == 0 ? after : null, limit + 1 - found.Count));
                if (found.Count > limit)
                    return ValueTask.FromResult(
                        new Page<SessionRecord>(found[..limit], SessionCursor.Of(found[limit - 1])));
            }
            return ValueTask.FromResult(new Page<SessionRecord>(found, null));
        }
    }

    /// <inheritdoc/>
    public ValueTask<SessionRecord?> GetSessionAsync(string session, CancellationToken cancellation)
    {
        lock (_gate)
            return ValueTask.FromResult(Find(session)?.Sessions.Find(session));
    }

    /// <inheritdoc/>
    public ValueTask<FleetResult<SessionRecord>> EndSessionAsync(string session, CancellationToken cancellation)
    {
        lock (_gate)
        {
            // Wherever it is told of: one node that tells of another's session does not keep that from its end.
            SessionRecord? record = null;
            foreach (var node in _trackers.Keys.Order(StringComparer.Ordinal))
                record = _trackers[node].EndSession(session) is { } ended ? record ?? ended : record;
            return ValueTask.FromResult(record is not null
                ? FleetResult.Ok(record)
                : FleetResult.NotFound<SessionRecord>($"there is no session {session}"));
        }
    }

    private NodeTracker? Find(string session) =>
        _trackers.Values.FirstOrDefault(tracker => SessionId.MayBeOf(session, tracker.Node) && tracker.Sessions.Find(session) is not null);

    private async Task<Page<SessionRecord>> SearchAsync(
        SessionQuery query, string address, int port, CancellationToken cancellation)
    {
        FlowSearch search;
        TimeSpan wait;
        lock (_gate)
        {
            var now = Now;
            search = new FlowSearch(string.Create(null, $"f{++_lastSearch}"));
            var lookup = new FlowLookup(search.Id, address, port, query.At);
            var owners = OwnersOf(address, query.At);
            foreach (var node in _registry.Heard.Where(node => owners.Has(node.Id) && (query.Node is null || query.Node == node.Id)))
            {
                if (_trackers.TryGetValue(node.Id, out var tracker)
                    && (owners.IsAsked(node.Id) || tracker.Sessions.HasEgress(address)) && tracker.Ask(lookup, now))
                    search.Expect(node.Id);
            }
            wait = 3 * _timings.ReportInterval;
            if (!search.Answered.IsCompleted)
                _searches.Add(search.Id, search);
        }
        try
        {
            await search.Answered.WaitAsync(wait, _time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Who has not answered is silent, or hangs: what the others have said is the answer.
        }
        finally
        {
            lock (_gate)
                _searches.Remove(search.Id);
        }
        lock (_gate)
        {
            var found = search.Found
                .Select(at => _trackers.GetValueOrDefault(at.Node)?.Sessions.Find(at.Session)).OfType<SessionRecord>()
                .Where(session => query.Identity is null || session.Identity == query.Identity)
                .Take(Math.Clamp(query.Limit, 1, 1000));
            return new Page<SessionRecord>([.. found], null);
        }
    }

    private AddressOwners OwnersOf(string address, DateTimeOffset? at)
    {
        if (!IPAddress.TryParse(address, out var parsed))
            return new AddressOwners(Names: null);
        var bits = AddressBits.Of(parsed);
        var pool = _allocators.Values.FirstOrDefault(pool => pool.Pool.Prefix.Contains(bits));
        var lease = pool?.Find(bits)
            ?? _found.Values.Select(found => found.Find(bits)).FirstOrDefault(static held => held is not null);
        return AddressOwners.Of(
            parsed, at, pool?.Pool.BlockLength ?? lease?.Prefix.Length, lease, _registry.Nodes, _timings);
    }

    private void Complete(string node, IReadOnlyList<FlowAnswer> answers)
    {
        foreach (var answer in answers)
            _searches.GetValueOrDefault(answer.Id)?.AddAnswer(node, answer.Sessions);
    }
}
