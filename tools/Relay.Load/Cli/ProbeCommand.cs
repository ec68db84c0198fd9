using System.CommandLine;
using Relay.Load.Client;
using Relay.Load.Report;
using Relay.Load.Workloads;

namespace Relay.Load.Cli;

/// <summary><c>probe</c>.</summary>
internal sealed class ProbeCommand : LoadCommand
{
    private readonly RelayOptions _relay = new();
    private readonly Option<bool> _json = MeasureOptions.JsonOption();
    private readonly LoadOption<double> _timeout = new("--timeout", "Seconds to wait for answers.", 10);
    private readonly LoadOption<string> _target = new("--target", "HOST:PORT to ask tunnels to.", "127.0.0.1:9");

    public ProbeCommand() : base(
        "probe",
        "Connects, and shows what the relay offers and how it answers a CONNECT-UDP and a CONNECT request.",
        "mode, relay, tls, quic_version, handshake_ms, rtt_ms, path_udp_payload, max_datagram, "
        + "setting_extended_connect, setting_h3_datagram, setting_max_field_section, setting_qpack_table_capacity, "
        + "setting_qpack_blocked_streams, target, connect_udp_status, connect_udp_proxy_status, connect_status, "
        + "connect_proxy_status.")
    {
        _relay.AddTo(this);
        this.Takes(_target, _timeout, _json);
    }

    protected override int Run(ParseResult result)
    {
        var config = _relay.Read(result);
        var target = Values.Authority(result.GetRequiredValue(_target));
        var json = result.GetValue(_json);
        var probe = new ProbeWorkload(target, TimeSpan.FromSeconds(result.GetValue(_timeout)));
        WorkloadRunner.Run(config, probe, cpu: null);

        var table = new ResultTable(Name);
        if (probe.Failure is not null || probe.Connection is null)
            return Finish(probe, table, json, good: false);
        var settings = probe.Connection.PeerSettings;
        table.Add("relay", "relay", config.Relay.ToString());
        // RFC 9001 §4.2: QUIC has no other.
        table.Add("tls", "TLS", "1.3");
        table.Add("quic_version", "QUIC", RelayOptions.VersionName(probe.QuicVersion));
        table.Add("handshake_ms", "until HTTP/3 was up", probe.ReadyAfter / 1e6, "ms", 3);
        table.Add("rtt_ms", "round trip", probe.RoundTrip / 1e6, "ms", 3);
        table.Add("path_udp_payload", "path carries UDP payloads of", probe.PathMaximum, "bytes");
        table.Add("max_datagram", "largest HTTP datagram", probe.MaxDatagram, "bytes");
        // Clients with nghttp3 1.8 are not told.
        if (settings.ExtendedConnect)
            table.Add("setting_extended_connect", "Extended CONNECT", settings.ExtendedConnect);
        else
            table.AddUnknown("setting_extended_connect", "Extended CONNECT");
        table.Add("setting_h3_datagram", "HTTP datagrams", settings.Datagrams);
        // 2^62-1 stands for no bound.
        long? maxFieldSection = settings.MaxFieldSection < (1UL << 62) - 1 ? (long)settings.MaxFieldSection : null;
        table.Add("setting_max_field_section", "header section up to", maxFieldSection, "bytes");
        table.Add("setting_qpack_table_capacity", "QPACK table", (long)settings.QpackTableCapacity, "bytes");
        table.Add("setting_qpack_blocked_streams", "QPACK blocked streams", (long)settings.QpackBlockedStreams);
        table.Add("target", "target", target.ToString());
        AddAnswer(table, "connect_udp", "CONNECT-UDP", probe.Udp!);
        AddAnswer(table, "connect", "CONNECT", probe.Tcp!);
        return Finish(probe, table, json, good: true);
    }

    private static void AddAnswer(ResultTable table, string key, string label, TunnelStream tunnel)
    {
        table.Add($"{key}_status", $"{label} answer", tunnel.Status > 0 ? tunnel.Status : (long?)null);
        if (tunnel.ProxyStatus is { } status)
            table.Add($"{key}_proxy_status", $"  Proxy-Status", status);
        else if (tunnel.ErrorCode is { } code && tunnel.Status == 0)
            table.Add($"{key}_error", $"  stream error", EndText.Http3Error(code));
    }
}
