using Relay.Dashboard.Tests.Browser;
using Relay.Testing.Browser;

namespace Relay.Dashboard.Tests.Modules;

/// <summary>Lists that come in parts.</summary>
public sealed class ListTests(Chromium chromium)
{
    // Answers a list of so many in parts of a thousand.
    private const string Parts = """
        const parts = (length, item) => target => {
          const from = Number(new URLSearchParams(target.split('?')[1]).get('cursor') ?? 0);
          const to = Math.min(length, from + 1000);
          const items = Array.from({ length: to - from }, (_, i) => item(from + i));
          return to < length ? { items, next: String(to) } : { items };
        };

        """;

    [Fact]
    public async Task Nodes_OfTheLargestFleet_AreAllRead()
    {
        var seen = await ModulePage.RunAsync<string[]>(chromium, Parts + """
            const { listNodes } = await import('/js/api/fleet-api.js');
            server.answers['/v1/nodes'] = parts(10_000, i => ({ id: `n${i}` }));
            const nodes = await listNodes();
            return [nodes.length, nodes.isCut].map(String);
            """);

        Assert.Equal(["10000", "false"], seen);
    }

    [Fact]
    public async Task Leases_OfAPoolWithMoreThanAreRead_AreSaidToBeCut()
    {
        var text = await ModulePage.RunAsync<string>(chromium, Parts + """
            const { PoolView } = await import('/js/views/pool-view.js');
            server.answers['/v1/prefix-pools/v6'] = { pool: { name: 'v6', prefix: '2001:db8::/48', blockLength: 64 },
              blocks: 65536, free: 59536, held: 6000, quarantined: 0, excluded: 0 };
            server.answers['/v1/prefix-pools/v6/leases'] = parts(6000, i => (
              { pool: 'v6', prefix: `2001:db8:0:${i.toString(16)}::/64`, node: `n${i}`, state: 'held' }));
            new PoolView(new EventTarget(), { id: 'v6' }).open(document.body);
            await clock.draw();
            return document.querySelector('.notice').textContent;
            """);

        Assert.Equal("The first 5,000 blocks that are not free are in the map and the table.", text);
    }

    [Fact]
    public async Task ShowMore_AskedForTwice_ShowsTheNextPartOnce()
    {
        var seen = await SearchAsync("""
            more().click();
            more().click();
            const asked = server.waiting('/v1/sessions');
            await server.answer('/v1/sessions', { items: [session('b')] });
            return [String(asked), ...view.items.map(s => s.id)];
            """);

        Assert.Equal(["1", "a", "b"], seen);
    }

    [Fact]
    public async Task ShowMore_ThatComesAfterASearch_AddsNothing()
    {
        var seen = await SearchAsync("""
            more().click();
            server.answers['/v1/sessions'] = { items: [session('c')] };
            await view.search();
            await server.answer('/v1/sessions', { items: [session('b')] });
            return view.items.map(s => s.id);
            """);

        Assert.Equal(["c"], seen);
    }

    private Task<string[]> SearchAsync(string script) => ModulePage.RunAsync<string[]>(chromium, """
        const { SessionsView } = await import('/js/views/sessions-view.js');
        const session = id => ({ id, identity: id, node: 'n', state: 'active', egressAddresses: [] });
        document.body.innerHTML = '<div id="live"></div><main></main>';
        const view = new SessionsView(Object.assign(new EventTarget(), { nodes: [] }), { id: null, query: {} });
        view.open(document.querySelector('main'));
        await server.answer('/v1/sessions', { items: [session('a')], next: 'more' });
        await clock.draw();
        const more = () => [...document.querySelectorAll('button')].find(b => b.textContent === 'Show more');

        """ + script);
}
