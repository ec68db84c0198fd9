namespace Relay.Node.Tests.Diagnostics.Metrics;

/// <summary>The metrics that are promised: names, types and labels that dashboards rely on.</summary>
internal static class SpecifiedMetrics
{
    /// <summary>By the family's name; for a counter that of its series.</summary>
    public static readonly IReadOnlyDictionary<string, (string Type, string[] Labels)> All =
        new Dictionary<string, (string, string[])>
        {
            ["relay_connections_active"] = ("gauge", []),
            ["relay_connections_total"] = ("counter", ["result"]),
            ["relay_handshake_duration_seconds"] = ("histogram", []),
            ["relay_tunnels_active"] = ("gauge", ["type"]),
            ["relay_tunnels_total"] = ("counter", ["type", "outcome"]),
            ["relay_tunnel_duration_seconds"] = ("histogram", ["type"]),
            ["relay_tunnel_setup_duration_seconds"] = ("histogram", ["type"]),
            ["relay_bytes_total"] = ("counter", ["type", "direction"]),
            ["relay_datagrams_total"] = ("counter", ["direction"]),
            ["relay_datagram_drops_total"] = ("counter", ["direction", "reason"]),
            ["relay_quic_packets_total"] = ("counter", ["direction"]),
            ["relay_quic_packets_lost_total"] = ("counter", []),
            ["relay_quic_rtt_seconds"] = ("histogram", []),
            ["relay_quic_cwnd_bytes"] = ("histogram", []),
            ["relay_gso_fallbacks_total"] = ("counter", []),
            ["relay_loop_busy_ratio"] = ("gauge", ["loop"]),
            ["relay_loop_turn_longest_seconds"] = ("gauge", ["loop"]),
            ["relay_auth_failures_total"] = ("counter", ["kind"]),
            ["relay_policy_denials_total"] = ("counter", ["reason"]),
            ["relay_drain_state"] = ("gauge", []),
            ["relay_ready"] = ("gauge", ["condition"]),
            ["relay_drain_tunnels_total"] = ("counter", ["outcome"]),
            ["relay_prefix_lease_expires_seconds"] = ("gauge", []),
            ["relay_prefix_leases"] = ("gauge", ["state"]),
            ["relay_memory_limit_bytes"] = ("gauge", []),
            ["process_open_fds"] = ("gauge", []),
            ["process_max_fds"] = ("gauge", []),
            ["process_resident_memory_bytes"] = ("gauge", []),
            ["process_cpu_seconds_total"] = ("counter", []),
            ["relay_fleet_report_failures_total"] = ("counter", []),
            ["relay_fleet_answer_age_seconds"] = ("gauge", []),
            ["relay_open_relay"] = ("gauge", []),
            ["relay_tls_library_info"] = ("gauge", ["library"]),
            ["relay_packet_protection_info"] = ("gauge", ["backend"]),
            ["relay_build_info"] = ("gauge", ["version", "runtime", "architecture"]),
        };
}
