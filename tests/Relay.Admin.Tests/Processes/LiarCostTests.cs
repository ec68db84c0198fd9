using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Relay.Admin.Http;
using Relay.Admin.Tests.World;
using Relay.Fleet.Contract;
using Relay.Fleet.Http;
using Relay.Fleet.Json;
using Relay.Hosting.Credentials;
using Relay.Testing.Admin;

namespace Relay.Admin.Tests.Processes;

/// <summary>
/// What a node that was taken over costs a coordinator, beside nine that run traffic, as ratios to ten that do: <c>eng/liar.sh</c> writes
/// it into docs/security.md, from longer runs. The ratio in the middle is at most 2. Explicit, since it takes minutes and measures time;
/// <see cref="LiarWorkTests"/> counts instead.
/// </summary>
/// <remarks>
/// The coordinator has the memory of its container in the manifests (2 GiB, three quarters of it for the runtime's heap). The liar sends
/// what is let through, as <see cref="FloodingNode"/> makes it.
/// </remarks>
[Trait("Needs", "Processes")]
public sealed class LiarCostTests(ITestOutputHelper output) : IDisposable
{
    private const int Nodes = 10;
    private const double Mark = 2;
    private const string HeapLimit = "0x60000000";

    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(NumberOf("RELAY_LIAR_SECONDS", 10));
    private static readonly int Rounds = NumberOf("ROUNDS", 3);

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory(Explicit = true)]
    [InlineData("local", "in memory")]
    [InlineData("silo", "Orleans")]
    public async Task Coordinator_BesideALiar_CostsAsARatioToTenHonestNodes(string fleet, string name)
    {
        var (honest, beside) = (new List<Cost>(), new List<Cost>());
        for (var round = 0; round < Rounds; round++)
        {
            honest.Add(await RunAsync(fleet, hasLiar: false));
            beside.Add(await RunAsync(fleet, hasLiar: true));
            output.WriteLine($"round {round}: {honest[^1]} {beside[^1]}");
        }
        Assert.All(beside, static cost => Assert.NotEqual(0, cost.Lies));
        // A machine that does something else as well sends and answers fewer of either, each with as much in it: what counts is what one
        // costs, by as many as there are a second.
        var time = Write("processor time a second", "ms", static ten => 1000 * Nodes * ten.SecondsOfReport, static (ten, nine) =>
            1000 * (((Nodes - 1) * ten.SecondsOfReport) + (LiesASecond * (nine.Seconds - (nine.Reports * ten.SecondsOfReport)) / nine.Lies)));
        var memory = Write("memory at its highest", "MiB", static ten => ten.MebiBytes, static (_, nine) => nine.MebiBytes);
        Assert.InRange(time, 0, Mark);
        Assert.InRange(memory, 0, Mark);

        // Of what alternates the ratio of each round, and the one in the middle.
        double Write(string what, string unit, Func<Cost, double> ofTen, Func<Cost, Cost, double> ofNine)
        {
            var ratio = Median(honest.Zip(beside, (ten, nine) => ofNine(ten, nine) / ofTen(ten)));
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name}, {what} | {Median(honest.Select(ofTen)):0} {unit} | {Median(honest.Zip(beside, ofNine)):0} {unit} | {ratio:0.00} |"));
            return ratio;
        }
    }

    // What is let through for long.
    private static double LiesASecond
    {
        get
        {
            var scan = new ReportScan();
            scan.Read(JsonSerializer.SerializeToUtf8Bytes(new FloodingNode(TimeProvider.System).Next(), FleetJson.Of<NodeReport>()), isWhole: true);
            var config = new AdminConfig();
            return Math.Min(config.ReportsPerSecond, (double)config.ReportBytesPerSecond / scan.Cost);
        }
    }

    private static double Median(IEnumerable<double> figures) => figures.Order().ElementAt(Rounds / 2);

    private static int NumberOf(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : otherwise;

    private async Task<Cost> RunAsync(string fleet, bool hasLiar)
    {
        string[] names = [.. Enumerable.Range(1, hasLiar ? Nodes - 1 : Nodes).Select(static i => $"n{i}")];
        var tokens = names.Append(FloodingNode.Name).ToDictionary(static name => name, static _ => TokenHash.NewToken());
        var file = _folder.WriteTokens([.. tokens.Select(static one => (one.Key, "node", one.Value))]);
        await using var admin = new AdminProcess(
            new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = HeapLimit },
            "--admin-address", "127.0.0.1:0", "--admin-token-file", file, "--fleet", fleet);
        var address = await admin.AddressAsync();
        using var process = Process.GetProcessById(admin.Id);
        using var stop = new CancellationTokenSource();
        var ready = names.Select(static _ => new TaskCompletionSource()).ToList();
        var answered = 0L;
        var running = names.Select((name, i) => Task.Run(
            () => RunHonestAsync(name, address, tokens[name], ready[i], () => Interlocked.Increment(ref answered), stop.Token), CancellationToken.None)).ToList();
        await Task.WhenAll(ready.Select(static one => one.Task)).WaitAsync(Eventually.Limit);
        var lying = hasLiar ? Task.Run(() => LieAsync(address, tokens[FloodingNode.Name], stop.Token), CancellationToken.None) : Task.FromResult(0L);

        process.Refresh();
        var (before, answeredBefore) = (process.TotalProcessorTime, Interlocked.Read(ref answered));
        await Task.Delay(Measured, CancellationToken.None);
        process.Refresh();
        var cost = new Cost((process.TotalProcessorTime - before).TotalSeconds, process.PeakWorkingSet64 / (1024.0 * 1024))
        {
            Reports = Interlocked.Read(ref answered) - answeredBefore,
        };
        await stop.CancelAsync();
        await Task.WhenAll(running);
        return cost with { Lies = await lying };
    }

    private static async Task RunHonestAsync(string name, Uri address, string token, TaskCompletionSource ready, Action onAnswer, CancellationToken stop)
    {
        try
        {
            using var fleet = FleetOf(address, token);
            // Its own timers are not to do what is done here.
            await using var node = new BusyNode(name, fleet, new ManualTime());
            using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
            while (!stop.IsCancellationRequested)
            {
                if (await TryReportAsync(node))
                    onAnswer();
                if (node.IsKnown)
                    ready.TrySetResult();
                await second.WaitForNextTickAsync(CancellationToken.None);
            }
        }
        catch (Exception e)
        {
            ready.TrySetException(e);
            throw;
        }
    }

    private static async Task<bool> TryReportAsync(BusyNode node)
    {
        try
        {
            await node.ReportAsync();
            return true;
        }
        catch (FleetUnavailableException)
        {
            // A silo that has just begun, or a machine that does something else: it tells of it with the next.
            return false;
        }
    }

    // How many of its reports were taken.
    private static async Task<long> LieAsync(Uri address, string token, CancellationToken stop)
    {
        using var fleet = FleetOf(address, token);
        var liar = new FloodingNode(TimeProvider.System);
        using var third = new PeriodicTimer(TimeSpan.FromMilliseconds(334));
        var taken = 0L;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                liar.OnAnswer(await fleet.ReportAsync(liar.Next(), CancellationToken.None));
                taken++;
            }
            catch (Exception e) when (e is FleetUnavailableException or FleetRejectedException)
            {
                // Beyond its bounds; it comes again.
            }
            await third.WaitForNextTickAsync(CancellationToken.None);
        }
        return taken;
    }

    // A machine that does something else as well is waited for.
    private static HttpFleet FleetOf(Uri address, string token) => new(
        [address], new SocketsHttpHandler(), () => token,
        new HttpFleetOptions { TryTimeout = TimeSpan.FromMinutes(1), TotalTimeout = TimeSpan.FromMinutes(1) });

    private sealed record Cost(double Seconds, double MebiBytes)
    {
        public long Reports { get; init; }

        public long Lies { get; init; }

        public double SecondsOfReport => Seconds / Reports;
    }
}
