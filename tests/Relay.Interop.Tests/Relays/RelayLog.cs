using System.Globalization;
using System.Text.RegularExpressions;

namespace Relay.Interop.Tests.Relays;

/// <summary>What relay-node writes at level debug about its tunnels, each at its end.</summary>
internal static class RelayLog
{
    public static Task WaitForTcpTunnelAsync(this RelayProcess relay, long bytesUp, long bytesDown) =>
        WaitForTunnelAsync(relay, "TCP", bytesUp, bytesDown);

    public static Task WaitForUdpTunnelAsync(this RelayProcess relay, long bytesUp, long bytesDown) =>
        WaitForTunnelAsync(relay, "UDP", bytesUp, bytesDown);

    /// <summary>Waits for the end of a tunnel that carried at least as much.</summary>
    private static Task<Match> WaitForTunnelAsync(RelayProcess relay, string type, long bytesUp, long bytesDown) =>
        relay.Log.WaitForAsync(
            $@"\b{type} tunnel ended: \w+, (\d+) bytes up, (\d+) bytes down",
            Limits.Exchange,
            tunnel => Number(tunnel.Groups[1].Value) >= bytesUp && Number(tunnel.Groups[2].Value) >= bytesDown);

    private static long Number(string digits) => long.Parse(digits, CultureInfo.InvariantCulture);
}
