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
}
