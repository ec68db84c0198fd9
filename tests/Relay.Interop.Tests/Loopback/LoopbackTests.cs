using System.Diagnostics;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Relay.Interop.Tests.Relays;
using Relay.Testing.Certificates;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Loopback;

/// <summary>relay-node with two loops, relay-load and its targets: real sockets, and enough of everything.</summary>
public sealed class LoopbackTests : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(20);

    private readonly TestAuthority _authority = new();
    private readonly string _metrics = $"127.0.0.1:{Ports.FreeTcp()}";
    private RelayProcess _relay = null!;

    public async ValueTask InitializeAsync() =>
        _relay = await RelayProcess.StartAsync(
            _authority, "--workers", "2", "--metrics-address", _metrics,
            "--udp-path-template", "/masque{?target_host,target_port}");

    public async ValueTask DisposeAsync()
    {
        await using (_relay)
            await _relay.StopAsync();
        _authority.Dispose();
    }

    [Theory]
    [InlineData("tcp-down", 128)]
    [InlineData("tcp-up", 128)]
    [InlineData("tcp-down", 1024, Explicit = true)]
    [InlineData("tcp-up", 1024, Explicit = true)]
    public async Task Connect_ManyMebibytes_ArriveWithTheSameHash(string mode, int mebibytes)
    {
        var run = await LoadRun.AgainstAsync(_relay.Port, Long, mode, "--bytes", $"{mebibytes}MiB", "--verify", "Sha256");
        Assert.Equal((long)mebibytes << 20, run["bytes"]);
        Assert.True(run.Verified);
    }

    [Fact]
    public async Task Connect_TransferThatIsInterrupted_IsMeasuredUntilThen()
    {
        const int Enough = 1 << 20;
        const int Interrupt = 2;
        using var target = new TcpListener(IPAddress.Loopback, 0);
        target.Start();
        await using var load = LoadRun.Start(
            _relay.Port, "tcp-up", "--bytes", "1GiB", "--target", target.LocalEndpoint.ToString()!);
        using var client = await target.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await client.GetStream().ReadExactlyAsync(new byte[Enough], TestContext.Current.CancellationToken);
        // No more is read: the transfer never ends by itself.
        load.Signal(Interrupt);

        Assert.Equal(1, await load.WaitForExitAsync(Limits.Exchange));
        var run = LoadRun.ResultOf(load);
        Assert.InRange(run["bytes"], Enough - 64, 1 << 30);
        Assert.False(run.Verified);
        Assert.True(run.Figure("wall_seconds") > 0);
        // A terabit a second.
        Assert.InRange(run.Figure("mbit_per_second"), 0, 1e6);
    }

    [Fact]
    public async Task ConnectUdp_OneMillionEchoes_LosesNone()
    {
        var run = await EchoAsync("--count", "1000000", "--size", "1100", "--window", "64");
        Assert.Equal(1_000_000, run["echoes"]);
    }

    [Fact]
    public async Task ConnectUdp_DatagramsAndCapsulesMixedOnOneTunnel_LosesNone()
    {
        var run = await EchoAsync("--count", "100000", "--carrier", "Mixed");
        Assert.Equal(100_000, run["echoes"]);
    }

    [Fact]
    public async Task ConnectUdp_OnlyCapsules_AreAnsweredByCapsules()
    {
        var run = await EchoAsync("--count", "100000", "--carrier", "Capsule");
        Assert.Equal(100_000, run["echoes"]);
    }

    [Fact]
    public async Task ConnectUdp_ByTheTemplateOfItsOperator_IsAnswered()
    {
        var run = await EchoAsync(
            "--count", "1000", "--template", "/masque?target_host={target_host}&target_port={target_port}");
        Assert.Equal(1000, run["echoes"]);
    }

    [Fact]
    public async Task ConnectUdp_TwoHundredTunnelsOnOneConnection_LoseNone()
    {
        var run = await EchoAsync("--flows", "200", "--window", "4", "--count", "200000");
        Assert.True(run["echoes"] >= 200_000);
    }

    [Fact]
    public async Task Client_MovesToOtherPortsMidFlight_KeepsItsTunnels()
    {
        var run = await EchoAsync("--flows", "4", "--count", "50000", "--rebind-every", "5000", "--window", "16");
        Assert.True(run["rebinds"] >= 5);
    }

    [Fact]
    public async Task TwoLoops_ManyConnectionsThatMove_AreServedByBoth()
    {
        var run = await EchoAsync(
            "--connections", "16", "--flows", "32", "--count", "100000", "--rebind-every", "20000", "--window", "8");
        Assert.True(run["echoes"] >= 100_000);
        foreach (var loop in (int[])[0, 1])
            Assert.Contains(
                _relay.Log.Lines, line => line.EndsWith($"established on loop {loop}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ConnectUdp_TargetFloods_TunnelAndOthersLive()
    {
        var run = await LoadRun.AgainstAsync(_relay.Port, Long, "flood-down", "--count", "20000");
        Assert.True(run["received"] >= 20_000);
        await EchoAsync("--count", "1000");
    }

    [Fact]
    public async Task ConnectUdp_ClientFloods_NothingIsLostByTheRelay()
    {
        var run = await LoadRun.AgainstAsync(_relay.Port, Long, "flood-up", "--count", "20000");
        // The target's own socket may overflow.
        Assert.True(run["delivered"] > 1000, $"{run["delivered"]} datagrams were delivered");
        using var http = new HttpClient();
        var metrics = await http.GetStringAsync($"http://{_metrics}/metrics", TestContext.Current.CancellationToken);
        var drops = Regex.Matches(metrics, @"(?m)^relay_datagram_drops_total\{.*upstream.*\} (\d+)$");
        Assert.NotEmpty(drops);
        Assert.All(drops, static drop => Assert.Equal("0", drop.Groups[1].Value));
    }

    [Fact]
    public async Task Connections_TwoThousandIdle_ReturnTheirMemory()
    {
        await LoadRun.AgainstAsync(_relay.Port, Long, "handshakes", "--count", "50");
        var before = ResidentKib();
        var run = await LoadRun.AgainstAsync(
            _relay.Port, Long, "idle", "--connections", "2000",
            "--relay-pid", _relay.Id.ToString());
        var peak = run["relay_rss_open_kib"];
        Assert.True(peak - before > 2000 * 20, $"{before} KiB before, {peak} KiB with 2000 connections");

        // The relay looks every few seconds whether a rush is over.
        await WaitUntilAsync(() => ResidentKib() - before < (peak - before) / 4);
    }

    private async Task<LoadRun> EchoAsync(params string[] options)
    {
        var run = await LoadRun.AgainstAsync(
            _relay.Port, Long, "echo", [.. options, "--fail-on-loss", "--timeout", "120"]);
        Assert.Equal(0, run["lost"]);
        Assert.Equal(0, run["corrupt"]);
        Assert.Equal(0, run["duplicates"]);
        return run;
    }

    private long ResidentKib() => ChildProcess.ResidentKib(_relay.Id);

    private static async Task WaitUntilAsync(Func<bool> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var began = Stopwatch.StartNew(); !condition();)
        {
            Assert.True(began.Elapsed < Limits.Exchange, "the memory does not come back");
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
