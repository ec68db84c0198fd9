using Relay.Interop.Tests.Relays;
using Relay.Load.Targets;
using Relay.Testing.Certificates;
using Relay.Testing.Faults;

namespace Relay.Interop.Tests.Loopback;

/// <summary>
/// Real sockets, with a bad path between client and relay, or between relay and target: what arrives is what was sent. The seed of
/// each path is in the test's output, and in what it fails with; <c>InMemory/BadPathTests</c> has thousands of paths.
/// </summary>
public sealed class BadPathTests : IAsyncLifetime
{
    private static readonly Dictionary<string, PathFaults> Paths = new(StringComparer.Ordinal)
    {
        ["loses a fifth"] = new() { Loss = 0.2, Delay = Milliseconds(5) },
        ["mixes"] = new() { Loss = 0.03, Delay = Milliseconds(15), Reordering = 0.2, Duplication = 0.1 },
        ["is long"] = new() { Loss = 0.01, Delay = Milliseconds(150) },
        ["is narrow"] = new() { Loss = 0.01, Delay = Milliseconds(10), BytesPerSecond = 500_000, MaxPayload = 1252 },
        ["moves"] = new() { Loss = 0.01, Delay = Milliseconds(5), RebindEvery = 100 },
        // And every now and then it is another of these.
        ["changes"] = new() { Loss = 0.05, Delay = Milliseconds(10), Reordering = 0.1, MaxPayload = 1300 },
    };

    private readonly TestAuthority _authority = new();
    private RelayProcess _relay = null!;

    public async ValueTask InitializeAsync() => _relay = await RelayProcess.StartAsync(_authority, "--workers", "2");

    public async ValueTask DisposeAsync()
    {
        await using (_relay)
            await _relay.StopAsync();
        _authority.Dispose();
    }

    [Theory]
    [InlineData("loses a fifth", 1)]
    [InlineData("mixes", 2)]
    [InlineData("is long", 3)]
    [InlineData("is narrow", 4)]
    [InlineData("moves", 5)]
    [InlineData("changes", 6)]
    public async Task Tunnels_OverAPathToTheRelayThatIsBad_KeepWhatTheyCarry(string path, int seed)
    {
        await using var box = new UdpMiddlebox(_relay.Port, seed, Paths[path]);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var changing = path == "changes" ? ChangeAsync(box, seed, end.Token) : Task.CompletedTask;
        foreach (var mode in (string[])["tcp-down", "tcp-up"])
        {
            var run = await LoadRun.AgainstAsync(
                box.Port, Limits.Transfer, mode, "--bytes", "256KiB", "--flows", "2", "--verify", "Sha256");
            Assert.True(run.Verified, $"{box}");
            Assert.Equal(2 * 256 * 1024, run["bytes"]);
        }
        // A datagram that is lost is: a capsule is not.
        var echo = await LoadRun.AgainstAsync(
            box.Port, Limits.Transfer, "echo", "--count", "300", "--window", "16", "--size", "1000", "--timeout", "5");
        Assert.Equal((0, 0), (echo["corrupt"], echo["duplicates"]));
        Assert.InRange(echo["echoes"], 1, 300);
        echo = await LoadRun.AgainstAsync(
            box.Port, Limits.Transfer, "echo", "--count", "300", "--window", "16", "--size", "1400", "--carrier", "Capsule",
            "--timeout", "600");
        Assert.Equal((0, 0), (echo["corrupt"], echo["duplicates"]));
        Assert.Equal(300, echo["sent_by_capsule"]);
        await end.CancelAsync();
        await changing;
        Assert.True(box.Lost > 0 && (box.Rebinds > 0 || path != "moves"), $"{box}: {box.Lost} lost, {box.Rebinds} rebinds");
    }

    // Over TCP the kernel mends what a path to the relay does; that to a UDP target is as bad for every version.
    [Theory]
    [InlineData("1", "mixes", 11)]
    [InlineData("2", "mixes", 12)]
    [InlineData("3", "mixes", 13)]
    [InlineData("1", "loses a fifth", 14)]
    [InlineData("2", "is narrow", 15)]
    [InlineData("3", "is long", 16)]
    public async Task Datagrams_OverAPathToTheTargetThatIsBad_AreWholeOrLost(string http, string path, int seed)
    {
        using var targets = new TargetSet(IPAddress.Loopback, cpu: null);
        var target = targets.AddUdpEcho(0).LocalEndPoint;
        targets.Start();
        await using var box = new UdpMiddlebox(target.Port, seed, Paths[path]);
        var echo = await LoadRun.AgainstAsync(
            _relay.Port, Limits.Transfer, "echo", "--http", http, "--flows", "2", "--count", "300", "--window", "8", "--size", "1000",
            "--target", $"127.0.0.1:{box.Port}", "--timeout", "5");
        Assert.Equal(0, echo["corrupt"]);
        Assert.InRange(echo["echoes"], 1, 300);
        Assert.True(box.Lost > 0, $"{box}: none was lost");
    }

    private static async Task ChangeAsync(UdpMiddlebox box, int seed, CancellationToken end)
    {
        var random = new Random(seed);
        using var pulse = new PeriodicTimer(Milliseconds(300));
        try
        {
            while (await pulse.WaitForNextTickAsync(end))
                box.Faults = Paths.Values.ElementAt(random.Next(Paths.Count));
        }
        catch (OperationCanceledException)
        {
            // By the test.
        }
    }

    private static TimeSpan Milliseconds(double value) => TimeSpan.FromMilliseconds(value);
}
