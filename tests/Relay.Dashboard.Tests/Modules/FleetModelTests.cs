using Relay.Dashboard.Tests.Browser;
using Relay.Testing.Browser;

namespace Relay.Dashboard.Tests.Modules;

/// <summary>What the page knows of a fleet, where events and answers overtake one another.</summary>
public sealed class FleetModelTests(Chromium chromium)
{
    // A model that is live, over a fleet without nodes. Of nodes and drains each test answers itself, from then on.
    private const string Live = """
        const { FleetModel } = await import('/js/model/fleet-model.js');
        const drain = (state, ...steps) => ({ id: 'd', state, createdAt: '2026-01-31T12:00:00+00:00',
          nodes: steps.map((step, i) => ({ node: `n${i}`, step })) });
        const node = (id, state) => ({ id, state, load: {}, rates: {}, lastReportAt: '2026-01-31T12:00:00+00:00' });
        const fleet = { drainsRunning: 0, warnings: [], nodes: {} };
        Object.assign(server.answers, { '/v1/caller': { role: 'operator' }, '/v1/stats': { series: [] }, '/v1/fleet': fleet,
          '/v1/nodes': { items: [] }, '/v1/drains': { items: [] } });
        const model = new FleetModel();
        model.start();
        const stream = await server.connect();
        delete server.answers['/v1/nodes'];
        delete server.answers['/v1/drains'];

        """;

    [Fact]
    public async Task Events_OfADrain_AreKeptWithoutItsNodesAndByStep()
    {
        var seen = await RunAsync<int[]>("""
            await stream.tell({ kind: 'drain', text: '1', drain: drain('running', 'draining', 'waiting') });
            await stream.tell({ kind: 'drain', text: '2', drain: drain('running', 'draining', 'waiting') });
            await stream.tell({ kind: 'drain', text: '3', drain: drain('running', 'drained', 'waiting') });
            return [model.events.length, model.events.flatMap(e => e.drain.nodes).length, model.drains.get('d').nodes.length];
            """);

        Assert.Equal([2, 0, 2], seen);
    }

    [Fact]
    public async Task Drain_WhoseEndOvertakesAnAnswer_HasEnded()
    {
        var state = await RunAsync<string>("""
            fleet.drainsRunning = 1;
            await stream.tell({ kind: 'drain', text: '1', drain: drain('running', 'draining') });
            await clock.pass(3000);
            await server.answer('/v1/nodes', { items: [] });
            await stream.tell({ kind: 'drain', text: '2', drain: drain('completed', 'drained') });
            await server.answer('/v1/drains/d', drain('running', 'draining'));
            return model.drains.get('d').state;
            """);

        Assert.Equal("completed", state);
    }

    [Fact]
    public async Task Drains_ThatRun_AreReadByThemselves_AndAllOnceOneIsNotKnownOrGone()
    {
        var seen = await RunAsync<int[]>("""
            server.answers['/v1/nodes'] = { items: [] };
            fleet.drainsRunning = 1;
            const begun = server.counts['/v1/drains'];
            const lists = () => server.counts['/v1/drains'] - begun;
            await stream.tell({ kind: 'drain', text: '1', drain: drain('running', 'draining') });
            await clock.pass(3000);
            await server.answer('/v1/drains/d', drain('running', 'drained'));
            const counts = [lists()];
            await clock.pass(3000);
            await server.answer('/v1/drains/d', {}, 404);
            counts.push(lists());
            await server.answer('/v1/drains', { items: [drain('running', 'drained')] });
            fleet.drainsRunning = 2;
            await clock.pass(3000);
            counts.push(lists());
            return counts;
            """);

        Assert.Equal([0, 1, 2], seen);
    }

    [Fact]
    public async Task Drain_WhoseEndNobodyTold_IsReadOnceMore()
    {
        var seen = await RunAsync<string[]>("""
            await stream.tell({ kind: 'drain', text: '1', drain: drain('running', 'draining') });
            await clock.pass(3000);
            await server.answer('/v1/nodes', { items: [] });
            const isAsked = await server.answer('/v1/drains', { items: [drain('completed', 'drained')] });
            return [isAsked, model.drains.get('d').state].map(String);
            """);

        Assert.Equal(["true", "completed"], seen);
    }

    [Fact]
    public async Task Drain_ThatTheCoordinatorHasForgotten_IsForgotten()
    {
        var seen = await RunAsync<string[]>("""
            const old = { ...drain('completed', 'drained'), id: 'old', createdAt: '2026-01-30T12:00:00+00:00' };
            model.drains.put(old);
            model.drains.put(drain('running', 'draining'));
            model.reload();
            await clock.pass(1000);
            model.noteDrain({ ...drain('running', 'draining'), id: 'new' });
            // Older ones than it tells of may still be there.
            await server.answer('/v1/drains', { items: [{ ...drain('running', 'draining'), id: 'other',
              createdAt: '2026-01-31T11:00:00+00:00' }], next: 'more' });
            return model.drains.list.map(d => d.id).sort();
            """);

        Assert.Equal(["new", "old", "other"], seen);
    }

    [Fact]
    public async Task Nodes_HoweverManyEventsTellOfThem_AreReadOnceAtATimeAndOnceMore()
    {
        var seen = await RunAsync<int[]>("""
            const begun = server.counts['/v1/nodes'];
            const counts = [];
            const count = () => counts.push(server.counts['/v1/nodes'] - begun);
            for (let i = 0; i < 50; i++)
              await stream.tell({ kind: 'node', text: '', node: 'n', state: 'serving' });
            await clock.pass(1000);
            count();
            for (let i = 0; i < 50; i++)
              await stream.tell({ kind: 'node', text: '', node: 'n', state: 'serving' });
            await clock.pass(5000);
            count();
            await server.answer('/v1/nodes', { items: [] });
            await clock.pass(999);
            count();
            await clock.pass(1);
            count();
            return counts;
            """);

        Assert.Equal([1, 1, 1, 2], seen);
    }

    [Fact]
    public async Task Nodes_OfALargeFleet_AreReadAgainLessOften()
    {
        var seen = await RunAsync<int[]>("""
            await clock.pass(3000);
            await server.answer('/v1/nodes', { items: Array.from({ length: 1000 }, (_, i) => node(`n${i}`, 'serving')) });
            await stream.tell({ kind: 'node', text: '', node: 'n7', state: 'draining' });
            await clock.pass(9999);
            const waiting = [server.waiting('/v1/nodes')];
            await clock.pass(1);
            return [...waiting, server.waiting('/v1/nodes')];
            """);

        Assert.Equal([0, 1], seen);
    }

    [Fact]
    public async Task NodeEvent_ThatOvertakesAnAnswer_Stands()
    {
        var states = await RunAsync<string[]>("""
            await clock.pass(3000);
            await stream.tell({ kind: 'node', text: '', node: 'a', state: 'draining' });
            await server.answer('/v1/nodes', { items: [node('a', 'serving'), node('b', 'serving')] });
            const states = [model.node('a').state, model.node('b').state];
            await clock.pass(1000);
            await server.answer('/v1/nodes', { items: [node('a', 'drained'), node('b', 'serving')] });
            return [...states, model.node('a').state];
            """);

        Assert.Equal(["draining", "serving", "drained"], states);
    }

    [Fact]
    public async Task Model_WithoutItsStream_IsStaleUntilItIsLiveAgain()
    {
        var seen = await RunAsync<bool[]>("""
            server.answers['/v1/nodes'] = { items: [] };
            server.answers['/v1/drains'] = { items: [] };
            const before = model.isStale;
            await stream.lose();
            const meanwhile = new Set([model.isStale]);
            model.addEventListener('change', () => meanwhile.add(model.isStale));
            // Connections are taken, and nothing is said on them; what is asked for is answered.
            await clock.pass(120_000);
            const stale = [...meanwhile];
            await server.connect();
            return [before, ...stale, model.isStale];
            """);

        Assert.Equal([false, true, false], seen);
    }

    [Fact]
    public async Task Answer_ThatWantsAToken_SaysThatNobodyIsSignedIn()
    {
        var seen = await RunAsync<string[]>("""
            const { onUnauthorized } = await import('/js/api/client.js');
            onUnauthorized.handler = () => model.stop();
            await clock.pass(3000);
            await server.answer('/v1/nodes', {}, 401);
            const states = [model.connection];
            model.start();
            states.push(model.connection);
            await server.answer('/v1/events', {}, 401);
            return [...states, model.connection];
            """);

        Assert.Equal(["refused", "connecting", "refused"], seen);
    }

    private Task<T> RunAsync<T>(string script) => ModulePage.RunAsync<T>(chromium, Live + script);
}
