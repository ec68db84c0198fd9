using System.Diagnostics.Metrics;
using Relay.Interop.Tests.Loopback;
using Relay.Interop.Tests.Relays;
using Relay.Node.Diagnostics;
using Relay.Node.Diagnostics.Export;
using Relay.Testing.Certificates;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Metrics;

/// <summary>Prometheus's own checker of what is exposed: syntax, names, units, help.</summary>
public sealed class PromtoolTests
{
    [Fact]
    public async Task Program_PassesCheckMetrics()
    {
        var promtool = InstalledProgram.Require("promtool", "prometheus");
        using var authority = new TestAuthority();
        var port = Ports.FreeTcp();
        var address = $"127.0.0.1:{port}";
        await using var relay = await RelayProcess.StartAsync(authority, "--metrics-address", address);
        _ = await LoadRun.AgainstAsync(relay.Port, Limits.Transfer, "tcp-down", "--bytes", "1MiB");
        using var client = new HttpClient();
        await CheckAsync(
            promtool, await client.GetStringAsync($"http://{address}/metrics", TestContext.Current.CancellationToken));
        await relay.StopAsync();
    }

    [Fact]
    public async Task EveryHistogramAndTheLease_PassCheckMetrics()
    {
        var promtool = InstalledProgram.Require("promtool", "prometheus");
        var meter = new Meter($"{NodeDiagnostics.MeterName}.{Guid.NewGuid():N}");
        using var export = new TelemetryExport(meter.Name, default);
        using var diagnostics = NodeDiagnostics.Create(meter, TimeProvider.System);
        diagnostics.Fleet.LeasesWanted = 1;
        diagnostics.Fleet.SetLeases(1, TimeSpan.FromMinutes(1));
        diagnostics.Histograms.OnHandshake(1_000_000);
        diagnostics.Histograms.OnTunnelOpened(udp: true, 1_000_000);
        diagnostics.Histograms.OnTunnelEnded(udp: false, 1_000_000);
        diagnostics.Histograms.OnPath(1_000_000, 14_520);
        await using var server = await DiagnosticsServer.StartAsync(
            new IPEndPoint(IPAddress.Loopback, 0), diagnostics, export);
        using var client = new HttpClient();
        var text = await client.GetStringAsync(
            $"http://{server.Address}/metrics", TestContext.Current.CancellationToken);
        Assert.Contains("relay_prefix_lease_expires_seconds", text, StringComparison.Ordinal);
        await CheckAsync(promtool, text, "relay_quic_rtt_seconds_count");
    }

    [Fact]
    public async Task Checker_NamesWhatIsWrong()
    {
        var promtool = InstalledProgram.Require("promtool", "prometheus");
        await using var check = await RunAsync(promtool, "# TYPE relay_things counter\nrelay_things 1\n");
        Assert.NotEqual(0, await check.WaitForExitAsync(Limits.Exchange));
    }

    private static async Task CheckAsync(string promtool, string text, string expected = "relay_connections_total{")
    {
        Assert.Contains(expected, text, StringComparison.Ordinal);
        await using var check = await RunAsync(promtool, text);
        var status = await check.WaitForExitAsync(Limits.Exchange);
        Assert.True(status == 0 && check.Log.Lines.All(string.IsNullOrEmpty), check.Log.Describe());
    }

    private static async Task<ChildProcess> RunAsync(string promtool, string text)
    {
        var check = ChildProcess.Start(promtool, ["check", "metrics"]);
        await check.Input.WriteAsync(text);
        check.Input.Close();
        return check;
    }
}
