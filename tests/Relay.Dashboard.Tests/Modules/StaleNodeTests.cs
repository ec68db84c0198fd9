using Relay.Dashboard.Tests.Browser;
using Relay.Testing.Browser;

namespace Relay.Dashboard.Tests.Modules;

/// <summary>Nodes that are silent or quarantined: what they carry is not known, and the coordinator gives zeroes for it.</summary>
public sealed class StaleNodeTests(Chromium chromium)
{
    private const string Nodes = """
        const node = (id, state, tcpTunnels, more) => ({ id, state, version: '1', leases: [], capacity: { maxTunnels: 100 },
          load: { sessions: tcpTunnels, tcpTunnels, udpTunnels: 0, connections: 0, loops: [] }, rtt: {}, notReady: [], warnings: [],
          rates: { upstreamBytes: 0, downstreamBytes: 0 }, addresses: [], startedAt: '2026-01-31T12:00:00+00:00',
          lastReportAt: '2026-01-31T12:00:00+00:00', ...more });
        const { render } = await import('/js/dom/render.js');

        """;

    [Fact]
    public async Task Groups_WithNodesThatAreSilent_CountTheOthersUseAlone()
    {
        var seen = await RunAsync<string[]>("""
            const { nodeGroups } = await import('/js/views/node-groups.js');
            const nodes = [node('a', 'serving', 95), node('b', 'silent', 0), node('c', 'silent', 0, { quarantine: {} })];
            const rows = way => {
              render(document.body, nodeGroups(nodes, way, {}));
              return [...document.querySelectorAll('tbody tr')].map(row => ['Of their limit', 'Tunnels', 'Nodes'].map(label => {
                const cell = row.querySelector(`[data-label="${label}"]`);
                return (cell.querySelector('.gauge-text') ?? cell).textContent;
              }).concat(row.querySelector('th').textContent).join('|').replaceAll('\u00a0', ' '));
            };
            return [...rows('version'), ...rows('use')];
            """);

        Assert.Equal(["95 %|95|3|1", "95 %|95|1|over 90 %", "not told|–|2|not told"], seen);
    }

    [Fact]
    public async Task Charts_OfANodeThatDidNotReportForAWhile_HaveAGapThere()
    {
        var seen = await RunAsync<int[]>("""
            const { nodeCharts } = await import('/js/views/fleet-charts.js');
            const at = minute => ({ at: new Date(60_000 * (29_000_000 + minute)).toISOString(), upstreamBytes: 1, downstreamBytes: 2,
              tcpTunnels: 3, udpTunnels: 4, connections: 5, busy: 0.5 });
            const parts = points => {
              render(document.body, nodeCharts({ windowSeconds: 3600, stepSeconds: 60, points }));
              return [...document.querySelectorAll('time-chart')].map(chart => chart.querySelector('path.stroke').getAttribute('d').match(/M/g)?.length ?? 0);
            };
            return [...parts([at(0), at(1), at(2)]), ...parts([at(0), at(1), at(9), at(10)]), ...parts([])];
            """);

        // Throughput, tunnels, connections, loops; of no point there are no loops to be told of.
        Assert.Equal([1, 1, 1, 1, 2, 2, 2, 2, 0, 0, 0], seen);
    }

    [Fact]
    public async Task Charts_OfANodeThatIsSilent_SayNotThatItCarriesWhatItDid()
    {
        var seen = await RunAsync<string[]>("""
            const { nodeCharts } = await import('/js/views/fleet-charts.js');
            const points = [{ at: '2026-01-31T12:00:00+00:00', upstreamBytes: 1, downstreamBytes: 2, tcpTunnels: 3, udpTunnels: 4, connections: 5 }];
            return [false, true].map(isSilent => {
              render(document.body, nodeCharts({ windowSeconds: 3600, stepSeconds: 60, points }, isSilent));
              return [...document.querySelectorAll('.chart-key b')].slice(2).map(b => b.textContent).join(' ');
            });
            """);

        Assert.Equal(["3 4 5", "– – –"], seen);
    }

    [Fact]
    public async Task Node_WhoseHistoryIsNotTold_IsShownAllTheSame()
    {
        var seen = await RunAsync<string[]>("""
            const { NodeView } = await import('/js/views/node-view.js');
            server.answers['/v1/nodes/a'] = { ...node('a', 'serving', 7), egress: [], totals: {} };
            server.answers['/v1/sessions'] = { items: [] };
            const model = Object.assign(new EventTarget(), { node: () => null, drains: { get: () => null } });
            new NodeView(model, { id: 'a' }).open(document.body);
            await clock.settle();
            await server.answer('/v1/nodes/a/history', { detail: 'it is away' }, 503);
            await clock.draw();
            return ['it is away', 'Tunnels', 'Event loops'].filter(text => document.body.textContent.includes(text));
            """);

        Assert.Equal(["it is away", "Tunnels", "Event loops"], seen);
    }

    [Fact]
    public async Task Figures_OfANodeThatIsSilent_AreNotKnown()
    {
        var seen = await RunAsync<string[]>("""
            const { nodeLoad } = await import('/js/views/node-parts.js');
            const { nodeTable } = await import('/js/views/node-table.js');
            const { nodeMap } = await import('/js/views/node-map.js');
            const silent = node('a', 'silent', 0);
            const text = shown => {
              render(document.body, shown);
              return document.body.textContent;
            };
            const known = /\b0\b/;
            return [text(nodeLoad(silent)), text(nodeTable([silent])), text(nodeMap([silent]))].filter(t => known.test(t));
            """);

        Assert.Empty(seen);
    }

    private Task<T> RunAsync<T>(string script) => ModulePage.RunAsync<T>(chromium, Nodes + script);
}
