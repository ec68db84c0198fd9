namespace Relay.Interop.Tests.Relays;

/// <summary>What relay-node writes at level debug about the tunnels it opens.</summary>
internal static class RelayLog
{
    public const string TcpTunnel = "(?i)tunnel.*\\btcp\\b|\\btcp\\b.*tunnel";
    public const string UdpTunnel = "(?i)tunnel.*\\budp\\b|\\budp\\b.*tunnel";
}
