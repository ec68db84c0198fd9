using System.Net;
using Relay.Fleet.Contract;
using Relay.Fleet.Nodes;
using Relay.Grains.Contracts;

namespace Relay.Grains.Hosting;

/// <content>
/// Sessions. Each node's grain has its own and an index of them; what is asked of all is asked of the nodes in the
/// order of their names, so that a page's end is a node and an id.
/// </content>
internal sealed partial class GrainFleet
{
    // So many nodes are asked at a time.
    private const int Breadth = 64;

    /// <inheritdoc/>
    public async ValueTask<Page<SessionRecord>> ListSessionsAsync(SessionQuery query, CancellationToken cancellation) =>
        query is { EgressAddress: not null, EgressPort: not null }
            ? await _calls.AskAsync(grains => FindFlowAsync(grains, query), cancellation)
            : await _calls.AskAsync(grains => ListAsync(grains, query), cancellation);

    /// <inheritdoc/>
    public async ValueTask<SessionRecord?> GetSessionAsync(string session, CancellationToken cancellation) =>
        await _calls.AskAsync(
            grains => FirstAsync(grains, session, node => node.FindSessionAsync(session)), cancellation);

    /// <inheritdoc/>
    public async ValueTask<FleetResult<SessionRecord>> EndSessionAsync(
        string session, CancellationToken cancellation) =>
        await _calls.ChangeAsync(async grains =>
            // Wherever it is told of: one node that tells of another's session does not keep that from its end.
            await FirstAsync(grains, session, node => node.EndSessionAsync(session), isAll: true) is { } record
                ? FleetResult.Ok(record)
                : FleetResult.NotFound<SessionRecord>($"there is no session {session}"), cancellation);

    private static async Task<Page<SessionRecord>> ListAsync(IGrainFactory grains, SessionQuery query)
    {
        var (fromNode, fromId) = SessionCursor.Parse(query.Cursor);
        var owners = await OwnersAsync(grains, query);
        var nodes = (await NodesAsync(grains, query)).Where(owners.Has).SkipWhile(node => string.CompareOrdinal(node, fromNode) < 0);
        var (found, limit) = (new List<SessionRecord>(), Clamp(query.Limit));
        foreach (var part in nodes.Chunk(Breadth))
        {
            var missing = limit + 1 - found.Count;
            var lists = await Task.WhenAll(part.Select(node => grains.GetGrain<INodeGrain>(node).QuerySessionsAsync(
                new NodeSessionQuery(query, node == fromNode ? fromId : null, missing))));
            found.AddRange(lists.SelectMany(static list => list.Sessions));
            if (found.Count > limit)
                break;
        }
        return found.Count <= limit
            ? new Page<SessionRecord>(found, null)
            : new Page<SessionRecord>(found[..limit], SessionCursor.Of(found[limit - 1]));
    }

    // Those whose word counts are asked who uses, or used, the port; they answer with their reports.
    private static async Task<Page<SessionRecord>> FindFlowAsync(IGrainFactory grains, SessionQuery query)
    {
        var lookup =
            new FlowLookup(Guid.NewGuid().ToString("N"), query.EgressAddress!, query.EgressPort!.Value, query.At);
        var owners = await OwnersAsync(grains, query);
        var answers = await Task.WhenAll((await NodesAsync(grains, query)).Where(owners.Has).Select(async name =>
        {
            var node = grains.GetGrain<INodeGrain>(name);
            var answer = owners.IsAsked(name) ? await node.AskAsync(lookup) : await node.LookupAsync(lookup);
            return await Task.WhenAll((answer?.Sessions ?? []).Select(node.FindSessionAsync));
        }));
        var found = answers.SelectMany(static sessions => sessions).OfType<SessionRecord>()
            .Where(session => query.Identity is null || session.Identity == query.Identity);
        return new Page<SessionRecord>([.. found.Take(Clamp(query.Limit))], null);
    }

    private static async Task<SessionRecord?> FirstAsync(
        IGrainFactory grains, string session, Func<INodeGrain, Task<SessionRecord?>> ask, bool isAll = false)
    {
        SessionRecord? first = null;
        var nodes = (await NodesAsync(grains, new SessionQuery())).Where(node => SessionId.MayBeOf(session, node));
        foreach (var part in nodes.Chunk(Breadth))
        {
            var sessions = await Task.WhenAll(part.Select(node => ask(grains.GetGrain<INodeGrain>(node))));
            first ??= Array.Find(sessions, static session => session is not null);
            if (first is not null && !isAll)
                break;
        }
        return first;
    }

    private static async Task<AddressOwners> OwnersAsync(IGrainFactory grains, SessionQuery query) =>
        IPAddress.TryParse(query.EgressAddress, out var address)
            ? await Fleet(grains).GetOwnersAsync(new AddressQuestion(address.ToString(), query.EgressPort is null ? null : query.At))
            : new AddressOwners(Names: null);

    private static async Task<IReadOnlyList<string>> NodesAsync(IGrainFactory grains, SessionQuery query)
    {
        var heard = (await Fleet(grains).GetHeardAsync()).Names;
        return query.Node is null ? heard : [.. heard.Where(node => node == query.Node)];
    }
}
