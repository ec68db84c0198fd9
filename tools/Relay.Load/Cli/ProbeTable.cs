using Relay.Load.Client;
using Relay.Load.Report;
using Relay.Load.Workloads;
using Relay.Protocol;

namespace Relay.Load.Cli;

/// <summary>What a probe found, as a table: HTTP/3 under the keys that it always had, the others under their own.</summary>
internal static class ProbeTable
{
    public static void Add(ResultTable table, CarrierProbe carrier, string target)
    {
        var prefix = $"http{HttpProtocolNames.MajorOf(carrier.Protocol)}_";
        var isReachable = carrier.Failure is null && carrier.Connection is not null;
        table.Add($"{prefix}reachable", $"HTTP/{HttpProtocolNames.Of(carrier.Protocol)}", isReachable);
        if (!isReachable)
        {
            table.Add($"{prefix}error", "  why not", carrier.Failure ?? "");
            return;
        }
        var own = carrier.Protocol == HttpProtocol.Http3 ? "" : prefix;
        table.Add($"{own}tls", "  TLS", carrier.TlsVersion);
        table.Add($"{prefix}alpn", "  ALPN", carrier.Connection!.Alpn);
        if (own.Length == 0)
            table.Add("quic_version", "  QUIC", RelayOptions.VersionName(carrier.QuicVersion));
        table.Add($"{own}handshake_ms", "  until requests could be sent", carrier.ReadyAfter / 1e6, "ms", 3);
        table.Add($"{own}rtt_ms", "  round trip", carrier.RoundTrip / 1e6, "ms", 3);
        AddSettings(table, carrier);
        if (own.Length == 0)
            table.Add("target", "  target", target);
        table.Add($"{prefix}offers_connect_udp", "  CONNECT-UDP is offered", carrier.OffersUdp);
        AddAnswer(table, $"{own}connect_udp", "CONNECT-UDP", carrier.Udp);
        table.Add($"{prefix}offers_connect", "  CONNECT is offered", carrier.OffersTcp);
        AddAnswer(table, $"{own}connect", "CONNECT", carrier.Tcp);
        if (carrier.AltSvc is { } altSvc)
            table.Add($"{prefix}alt_svc", "  Alt-Svc", altSvc);
    }

    private static void AddSettings(ResultTable table, CarrierProbe carrier)
    {
        if (carrier.Protocol == HttpProtocol.Http2)
            table.Add("http2_setting_extended_connect", "  Extended CONNECT", carrier.WhyNoUdp is null);
        if (carrier.Connection is not QuicClientConnection { Http: var http })
            return;
        var settings = http.PeerSettings;
        table.Add("path_udp_payload", "  path carries UDP payloads of", carrier.PathMaximum, "bytes");
        table.Add("max_datagram", "  largest HTTP datagram", carrier.MaxDatagram, "bytes");
        // Clients with nghttp3 1.8 are not told.
        if (settings.ExtendedConnect)
            table.Add("setting_extended_connect", "  Extended CONNECT", settings.ExtendedConnect);
        else
            table.AddUnknown("setting_extended_connect", "  Extended CONNECT");
        table.Add("setting_h3_datagram", "  HTTP datagrams", settings.Datagrams);
        // 2^62-1 stands for no bound.
        long? maxFieldSection = settings.MaxFieldSection < (1UL << 62) - 1 ? (long)settings.MaxFieldSection : null;
        table.Add("setting_max_field_section", "  header section up to", maxFieldSection, "bytes");
        table.Add("setting_qpack_table_capacity", "  QPACK table", (long)settings.QpackTableCapacity, "bytes");
        table.Add("setting_qpack_blocked_streams", "  QPACK blocked streams", (long)settings.QpackBlockedStreams);
    }

    private static void AddAnswer(ResultTable table, string key, string label, TunnelStream? tunnel)
    {
        table.Add($"{key}_status", $"  {label} answer", tunnel is { Status: > 0 } ? tunnel.Status : (long?)null);
        if (tunnel is { ProxyStatus: { } status })
            table.Add($"{key}_proxy_status", "    Proxy-Status", status);
        else if (tunnel is { ErrorCode: not null, Status: 0 })
            table.Add($"{key}_error", "    ended with", tunnel.DescribeEnd());
    }
}
