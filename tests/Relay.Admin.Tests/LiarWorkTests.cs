using System.Text.Json;
using Relay.Admin.Diagnostics;
using Relay.Admin.Http;
using Relay.Admin.Identity;
using Relay.Admin.Resources;
using Relay.Admin.Tests.World;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;
using Relay.Fleet.Local;

namespace Relay.Admin.Tests;

/// <summary>
/// What a node that lies makes a coordinator work, beside nine that run traffic, as a ratio to ten that do. Counted is what is allocated,
/// which no other process changes; <c>eng/liar.sh</c> measures processor time and memory of the program.
/// </summary>
public sealed class LiarWorkTests(ITestOutputHelper output)
{
    private const int Nodes = 10;
    private const int Seconds = 3;
    // For long: without what may come at once beyond that.
    private static readonly AdminConfig Config = new() { ReportByteBurst = new AdminConfig().ReportBytesPerSecond };

    // Of a container of 2 GiB, a quarter of what the runtime may have.
    private const long SessionBytes = 384L << 20;
    private const double Mark = 2;

    [Fact]
    public async Task Coordinator_BesideALiar_AllocatesTwiceAsMuchAtMost()
    {
        var honest = await AllocatedAsync(hasLiar: false);
        var beside = await AllocatedAsync(hasLiar: true);

        output.WriteLine($"{honest} {beside} {(double)beside / honest:0.00}");
        Assert.InRange((double)beside / honest, 0.5, Mark);
    }

    private static async Task<long> AllocatedAsync(bool hasLiar)
    {
        var clock = new ManualTime();
        using var fleet = new MeteredFleet(new LocalFleet(new LocalFleetConfig { SessionBytes = SessionBytes }, [], clock, new Random(1)), clock);
        List<BusyNode> nodes = [.. Enumerable.Range(0, hasLiar ? Nodes - 1 : Nodes).Select(i => new BusyNode($"n{i}", fleet, clock))];
        while (!nodes.TrueForAll(static node => node.IsKnown))
            await SecondAsync();
        var before = fleet.Allocated;
        var liar = new FloodingNode(clock);
        for (var second = 0; second < Seconds; second++)
        {
            for (var i = 0; hasLiar && i < Config.ReportsPerSecond; i++)
            {
                if (await fleet.TryReportAsync(liar.Next()) is { } directive)
                    liar.OnAnswer(directive);
            }
            await SecondAsync();
        }
        foreach (var node in nodes)
            await node.DisposeAsync();
        return fleet.Allocated - before;

        async Task SecondAsync()
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            fleet.Tick();
            foreach (var node in nodes)
                await node.ReportAsync();
        }
    }

    // A coordinator behind its bounds, without the connections: it reads, decides, and writes the answer.
    private sealed class MeteredFleet(LocalFleet fleet, TimeProvider clock) : IFleetReports, IDisposable
    {
        private readonly ReportBudget _budget = new(Config, new Refusals(), clock);

        public long Allocated { get; private set; }

        public void Tick() => Meter(() =>
        {
            fleet.Tick();
            return true;
        });

        public async ValueTask<NodeDirective> ReportAsync(NodeReport report, CancellationToken cancellation) =>
            await TryReportAsync(report) ?? throw new FleetUnavailableException("it reports too much");

        public ValueTask<NodeDirective?> TryReportAsync(NodeReport report)
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(report, FleetJson.Of<NodeReport>());
            return ValueTask.FromResult(Meter(() => Answer(report.Node, json)));
        }

        public void Dispose() => fleet.FlushAsync().GetAwaiter().GetResult();

        private NodeDirective? Answer(string name, byte[] json)
        {
            var node = new Account(AccountKind.Node, name);
            if (_budget.TryEnter(node, null, json.Length) is not null)
                return null;
            var scan = new ReportScan();
            scan.Read(json, isWhole: true);
            var answer = fleet.ReportAsync(ReportsResource.Parse(json), CancellationToken.None).AsTask();
            Assert.True(answer.IsCompletedSuccessfully);
            var directive = answer.Result;
            JsonSerializer.SerializeToUtf8Bytes(directive, FleetJson.Of<NodeDirective>());
            _budget.Leave(node, null, json.Length, scan.Cost);
            return directive;
        }

        private T Meter<T>(Func<T> work)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var result = work();
            Allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            return result;
        }
    }
}
