using System.CommandLine;
using Relay.Ctl.Cli;
using Relay.Ctl.Output;
using Relay.Fleet.Contract;

namespace Relay.Ctl.Commands;

/// <summary><c>stats</c>: what the fleet carried.</summary>
internal sealed class StatsCommand : CtlCommand
{
    private readonly CtlOption<string> _window = new("--window",
        "Over what time: 10s to 1h; 1m if left out.", "TIME")
    {
        DefaultValueFactory = _ => "1m",
    };

    /// <param name="context">What all commands share.</param>
    public StatsCommand(CtlContext context) : base(
        "stats", "What the fleet carried, and each node's part of it.", context) =>
        Options.Add(_window);

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var window = Values.Seconds("--window", result.GetRequiredValue(_window));
        var answer = await session.Client.GetAsync($"v1/stats?window={window}", cancellation).ConfigureAwait(false);
        return session.Show<FleetStats>(answer, Facts);
    }

    private static IEnumerable<(string, string)> Facts(FleetStats stats)
    {
        var totals = stats.Totals;
        yield return ("window", Format.Duration(TimeSpan.FromSeconds(stats.WindowSeconds)));
        yield return ("to clients",
            $"{Format.ByteRate(stats.Rates.DownstreamBytes)}, {Format.Bytes(totals.DownstreamBytes)} in all");
        yield return ("to targets",
            $"{Format.ByteRate(stats.Rates.UpstreamBytes)}, {Format.Bytes(totals.UpstreamBytes)} in all");
        yield return ("tunnels begun", $"{Format.Count(totals.TcpTunnels)} TCP, {Format.Count(totals.UdpTunnels)} UDP");
        yield return ("tunnels ended", $"{Format.Count(totals.TunnelsCompleted)} in order, "
            + $"{Format.Count(totals.TunnelsForceClosed)} by force, {Format.Count(totals.TunnelsFailed)} otherwise");
        yield return ("connections",
            $"{Format.Count(totals.Connections)}, {Format.Count(totals.ConnectionsRefused)} refused, "
            + $"{Format.Plural(totals.HandshakesFailed, "handshake")} failed");
        yield return ("requests refused",
            $"{Format.Count(totals.RequestsRefused)}, {Format.Plural(totals.AuthFailures, "credential")}");
        yield return ("datagrams", $"{Format.Count(totals.UpstreamDatagrams + totals.DownstreamDatagrams)}, "
            + $"{Format.Count(totals.DatagramDrops)} dropped");
        yield return ("packets", $"{Format.Count(totals.PacketsSent)}, {Format.Count(totals.PacketsLost)} lost");
        yield return ("round trip", Of(stats.Rtt));
        yield return ("tunnel setup", Of(stats.TunnelSetup));
        foreach (var node in stats.Nodes)
            yield return (SafeText.Of(node.Node), $"{Format.ByteRate(node.Rates.DownstreamBytes)} to clients, "
                + $"{Format.ByteRate(node.Rates.UpstreamBytes)} to targets");
    }

    private static string Of(Percentiles percentiles) => percentiles.Count == 0
        ? "-"
        : $"{Format.Latency(percentiles.P50)} median, {Format.Latency(percentiles.P90)} for 90 %, "
            + $"{Format.Latency(percentiles.P99)} for 99 %";
}
