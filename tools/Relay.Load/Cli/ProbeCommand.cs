using System.CommandLine;
using Relay.Load.Client;
using Relay.Load.Report;
using Relay.Load.Workloads;
using Relay.Protocol;

namespace Relay.Load.Cli;

/// <summary><c>probe</c>.</summary>
internal sealed class ProbeCommand : LoadCommand
{
    private static readonly HttpProtocol[] All = [HttpProtocol.Http3, HttpProtocol.Http2, HttpProtocol.Http11];

    private readonly RelayOptions _relay = new();
    private readonly Option<bool> _json = MeasureOptions.JsonOption();
    private readonly LoadOption<double> _timeout = new("--timeout", "Seconds to wait for answers.", 10);
    private readonly LoadOption<string> _target = new("--target", "HOST:PORT to ask tunnels to.", "127.0.0.1:9");

    public ProbeCommand() : base(
        "probe",
        "Connects by every version of HTTP, or the one that --http names, and shows what the relay offers and how it "
        + "answers a CONNECT-UDP and a CONNECT request. One of them that answers is enough for exit status 0.",
        "mode, relay, tls, quic_version, handshake_ms, rtt_ms, path_udp_payload, max_datagram, "
        + "setting_extended_connect, setting_h3_datagram, setting_max_field_section, setting_qpack_table_capacity, "
        + "setting_qpack_blocked_streams, target, connect_udp_status, connect_udp_proxy_status, connect_status, "
        + "connect_proxy_status, all of HTTP/3; http3_, http2_ and http1_{reachable,error,alpn,offers_connect_udp,"
        + "offers_connect,alt_svc}; http2_ and http1_{tls,handshake_ms,rtt_ms,connect_udp_status,"
        + "connect_udp_proxy_status,connect_status,connect_proxy_status}; http2_setting_extended_connect.")
    {
        _relay.AddTo(this);
        this.Takes(_target, _timeout, _json);
    }

    protected override int Run(ParseResult result)
    {
        var config = _relay.Read(result);
        var target = Values.Authority(result.GetRequiredValue(_target));
        var json = result.GetValue(_json);
        var asked = _relay.Protocol(result);
        var probe = new ProbeWorkload(
            target, TimeSpan.FromSeconds(result.GetValue(_timeout)), asked is { } protocol ? [protocol] : All);
        WorkloadRunner.Run(config, probe, cpu: null);

        var table = new ResultTable(Name);
        if (probe.Failure is not null && asked is not null)
            return Finish(probe, table, json, good: false);
        table.Add("relay", "relay", config.Relay.ToString());
        foreach (var carrier in probe.Carriers)
            ProbeTable.Add(table, carrier, target.ToString());
        return Finish(probe, table, json, good: true);
    }
}
