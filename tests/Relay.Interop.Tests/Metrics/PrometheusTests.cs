using System.Diagnostics.Metrics;
using Relay.Interop.Tests.Loopback;
using Relay.Interop.Tests.Relays;
using Relay.Node.Counters;
using Relay.Node.Diagnostics;
using Relay.Node.Diagnostics.Export;
using Relay.Testing.Certificates;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Metrics;

/// <summary>
/// A real Prometheus scrapes nodes that carry real load, and knows afterwards what relay-load sent: the program as it
/// is shipped, and a node in this process that holds a lease.
/// </summary>
public sealed class PrometheusTests
{
    private const double OnePercent = 0.01;

    [Fact]
    public async Task Program_UnderLoad_EveryMetricIsTherePlausibleAndRight()
    {
        using var authority = new TestAuthority();
        var metricsPort = Ports.FreeTcp();
        await using var relay = await RelayProcess.StartAsync(
            authority, "--workers", "2", "--metrics-address", Address(metricsPort));
        await using var prometheus = await PrometheusServer.StartAsync(("relay", metricsPort));
        var expected = await LoadAsync(relay.Port, metricsPort);
        await AssertAllAsync(prometheus, expected);
        Assert.Empty(await prometheus.QueryAsync("relay_prefix_lease_expires_seconds"));
        await relay.StopAsync();
    }

    [Fact]
    public async Task NodeWithALease_UnderLoad_EveryMetricIsTherePlausibleAndRight()
    {
        using var authority = new TestAuthority();
        using var folder = new ScratchFolder();
        var meter = new Meter($"{NodeDiagnostics.MeterName}.{Guid.NewGuid():N}");
        using var export = new TelemetryExport(meter.Name, default);
        using var diagnostics = NodeDiagnostics.Create(meter, TimeProvider.System);
        await using var server = await DiagnosticsServer.StartAsync(
            new IPEndPoint(IPAddress.Loopback, 0), diagnostics, export);
        await using var node = NodeInProcess.Start(authority, folder, workers: 2, diagnostics: diagnostics);
        diagnostics.Fleet.LeasesWanted = 1;
        diagnostics.Fleet.SetLeases(1, TimeSpan.FromHours(1));
        await using var prometheus = await PrometheusServer.StartAsync(("relay", server.Address.Port));
        // 169.254.169.254 is what nobody may reach.
        var expected = await LoadAsync(node.Port, deniedPort: null);
        await AssertAllAsync(prometheus, expected);
        Assert.InRange(Assert.Single(await prometheus.QueryAsync("relay_prefix_lease_expires_seconds")), 3000, 3600);
    }

    /// <summary>Sends something of every kind.</summary>
    /// <param name="port">The relay's.</param>
    /// <param name="deniedPort">A port of the relay's own that no tunnel may reach.</param>
    private static async Task<Load> LoadAsync(int port, int? deniedPort)
    {
        const int Handshakes = 50;
        var echo = await LoadRun.AgainstAsync(port, Limits.Transfer, "echo", "--count", "20000", "--size", "1000", "--timeout", "120");
        var down = await LoadRun.AgainstAsync(port, Limits.Transfer, "tcp-down", "--bytes", "32MiB");
        var up = await LoadRun.AgainstAsync(port, Limits.Transfer, "tcp-up", "--bytes", "16MiB");
        _ = await LoadRun.AgainstAsync(port, Limits.Transfer, "handshakes", "--count", $"{Handshakes}");
        var target = deniedPort is { } own ? Address(own) : "169.254.169.254:80";
        await using var denied = LoadRun.Start(port, "tcp-down", "--target", target);
        Assert.Equal(1, await denied.WaitForExitAsync(Limits.Exchange));
        return new Load(
            echo["sent"], echo["echoes"], down["bytes"], up["bytes"], Handshakes + 4,
            deniedPort is null ? "link_local" : "own_address");
    }

    private static async Task AssertAllAsync(PrometheusServer prometheus, Load load)
    {
        // The last of what was sent is there: with it, everything.
        await prometheus.WaitForAsync(
            $"relay_policy_denials_total{{reason=\"{load.Denial}\"}}", static values => values is [1], Limits.Exchange);
        await prometheus.WaitForAsync("relay_connections_active", static values => values is [0], Limits.Exchange);

        await AssertCloseAsync("relay_datagrams_total{direction=\"upstream\"}", load.Sent);
        await AssertCloseAsync("relay_datagrams_total{direction=\"downstream\"}", load.Echoes);
        await AssertCloseAsync("relay_bytes_total{type=\"udp\",direction=\"upstream\"}", load.Sent * 1000);
        await AssertCloseAsync("relay_bytes_total{type=\"udp\",direction=\"downstream\"}", load.Echoes * 1000);
        await AssertCloseAsync("relay_bytes_total{type=\"tcp\",direction=\"downstream\"}", load.BytesDown);
        await AssertCloseAsync("relay_bytes_total{type=\"tcp\",direction=\"upstream\"}", load.BytesUp);
        await AssertCloseAsync("relay_connections_total{result=\"established\"}", load.Connections);
        await AssertCloseAsync("relay_handshake_duration_seconds_count", load.Connections);
        await AssertCloseAsync("sum(relay_tunnels_total{type=\"udp\"})", 1);
        await AssertCloseAsync("relay_tunnel_setup_duration_seconds_count{type=\"udp\"}", 1);
        await AssertCloseAsync("relay_tunnel_setup_duration_seconds_count{type=\"tcp\"}", 2);
        await AssertCloseAsync("relay_tunnel_duration_seconds_count{type=\"tcp\"}", 3);
        await AssertCloseAsync("relay_tunnel_duration_seconds_count{type=\"udp\"}", 1);
        await AssertAsync("relay_connections_total{result!=\"established\"}", 2, 0, 0);
        // A UDP tunnel to an address is set up within one turn of the loop, whose clock stands still meanwhile.
        foreach (var (what, series, least) in new[] { ("handshake", 1, 1e-6), ("tunnel_setup", 2, 0), ("tunnel", 2, 1e-6) })
        {
            var name = $"relay_{what}_duration_seconds";
            await AssertAsync($"{name}_sum / {name}_count", series, least, Limits.Transfer.TotalSeconds);
        }
        await AssertCloseAsync("sum(relay_tunnels_total{type=\"tcp\",outcome=\"refused\"})", 1);

        // Nothing was lost, so that every datagram and byte was in a packet.
        await AssertAsync(
            "relay_quic_packets_total{direction=\"upstream\"}", 1, load.Sent + (load.BytesUp / 1500), double.MaxValue);
        await AssertAsync("relay_quic_packets_total{direction=\"downstream\"}", 1,
            load.Echoes + (load.BytesDown / 1500), double.MaxValue);
        await AssertAsync("relay_quic_packets_lost_total", 1, 0, load.Sent * OnePercent);
        await AssertAsync("relay_quic_rtt_seconds_count", 1, load.Connections, double.MaxValue);
        await AssertAsync("relay_quic_rtt_seconds_sum / relay_quic_rtt_seconds_count", 1, 1e-6, 5);
        await AssertAsync("relay_quic_cwnd_bytes_sum / relay_quic_cwnd_bytes_count", 1, 2400, 1 << 30);
        await AssertAsync("max(max_over_time(relay_loop_busy_ratio[5m]))", 1, 0.001, 1);
        await AssertAsync("relay_loop_busy_ratio", 2, 0, 1);
        await AssertAsync("relay_loop_turn_longest_seconds", 2, 1e-6, 3600);
        await AssertAsync("relay_tunnels_active", 2, 0, 0);
        await AssertAsync("relay_tunnels_total", 14, 0, 3);
        await AssertAsync("relay_datagram_drops_total", 7, 0, 0);
        await AssertAsync("relay_gso_fallbacks_total", 1, 0, 1000);
        await AssertAsync("relay_auth_failures_total", 4, 0, 0);
        await AssertAsync("relay_policy_denials_total", Enum.GetValues<PolicyVerdict>().Length - 1, 0, 1);
        await AssertAsync("relay_drain_state", 1, 0, 0);
        await AssertAsync("relay_drain_tunnels_total", 2, 0, 0);
        await AssertAsync("relay_ready", 2, 1, 1);
        await AssertAsync("relay_fleet_report_failures_total", 1, 0, 0);
        // On loopback nobody from outside reaches it.
        await AssertAsync("relay_open_relay", 1, 0, 0);
        await AssertAsync("relay_certificate_expires_seconds", 1, 1, 400 * 86_400.0);
        await AssertAsync("process_open_fds", 1, 20, 10_000);
        await AssertAsync("process_max_fds", 1, 256, double.MaxValue);
        await AssertAsync("process_resident_memory_bytes", 1, 10_000_000, 4e9);
        await AssertAsync("relay_memory_limit_bytes", 1, 10_000_000, double.MaxValue);
        await AssertAsync("process_cpu_seconds_total", 1, 0.01, double.MaxValue);
        await AssertAsync("relay_build_info{version!=\"\"}", 1, 1, 1);
        await AssertAsync("relay_packet_protection_info{backend!=\"\"}", 1, 1, 1);
        await AssertAsync("relay_tls_library_info{library!=\"\"}", 1, 1, 1);
        // No label can tell one client, target, or tunnel from another.
        await AssertAsync("count({__name__=~\"relay_.*\"})", 1, 1, 341);

        Task AssertCloseAsync(string expression, double expected) =>
            AssertAsync(expression, 1, expected * (1 - OnePercent), expected * (1 + OnePercent));

        async Task AssertAsync(string expression, int series, double lowest, double highest)
        {
            var values = await prometheus.QueryAsync(expression);
            Assert.True(
                values.Length == series && values.All(value => value >= lowest && value <= highest),
                $"{expression} is [{string.Join(", ", values)}]: not {series} between {lowest} and {highest}");
        }
    }

    private static string Address(int port) => $"127.0.0.1:{port}";

    /// <summary>What relay-load says that it sent.</summary>
    private sealed record Load(long Sent, long Echoes, long BytesDown, long BytesUp, int Connections, string Denial);
}
