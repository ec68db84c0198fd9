using System.CommandLine;
using Relay.Ctl.Cli;
using Relay.Ctl.Output;
using Relay.Fleet.Contract;

namespace Relay.Ctl.Commands;

/// <summary><c>nodes</c>: all nodes.</summary>
internal sealed class NodesCommand : ListCommand<NodeInfo>
{
    /// <param name="context">What all commands share.</param>
    public NodesCommand(CtlContext context) : base(
        "nodes", "All nodes by name; how it went at one; forget or quarantine one.", context, "No node has reported yet.", Columns) =>
        this.Takes(
            AsList("All nodes by name."),
            new NodeHistoryCommand(context),
            new ItemCommand("forget", "Forgets a silent node: what it said counts no more.", context, HttpMethod.Delete,
                Completions.Node(context, "node", "The node's name."), PathOf,
                static (session, _, node) => session.Done($"{node} is forgotten")),
            new ItemCommand("quarantine",
                "Takes a node's word no more: token refused, leases run out, sessions and statistics out of the sums.", context,
                HttpMethod.Put, Completions.Node(context, "node", "The node's name."), QuarantineOf,
                static (session, _, node) => session.Done($"{node} is quarantined: its reports are refused, its leases run out")),
            new ItemCommand("unquarantine", "Lifts a node's quarantine: its next report is taken.", context, HttpMethod.Delete,
                Completions.Node(context, "node", "The node's name."), QuarantineOf,
                static (session, _, node) => session.Done($"{node} is quarantined no more")));

    /// <summary>What a node is, in a word.</summary>
    public static string StateOf(NodeInfo node) => node.Quarantine is null ? Format.Word(node.State) : "quarantined";

    /// <summary>The path of a node.</summary>
    public static string PathOf(string node) => $"v1/nodes/{Uri.EscapeDataString(node)}";

    private static string QuarantineOf(string node) => $"{PathOf(node)}/quarantine";

    private static readonly TableColumn<NodeInfo>[] Columns =
    [
        new("NODE", static n => n.Id),
        new("STATE", StateOf),
        new("SESSIONS", static n => Format.Count(n.Load.Sessions), IsNumber: true),
        new("TUNNELS", static n => Format.Count(n.Load.TcpTunnels + n.Load.UdpTunnels), IsNumber: true),
        new("TO CLIENTS", static n => Format.ByteRate(n.Rates.DownstreamBytes), IsNumber: true),
        new("TO TARGETS", static n => Format.ByteRate(n.Rates.UpstreamBytes), IsNumber: true),
        new("RTT", static n => Format.Latency(n.Rtt.P50), IsNumber: true),
        new("BUSY", static n => n.Load.Loops.Count == 0
            ? "-"
            : Format.Percent(n.Load.Loops.Average(static l => l.Busy)),
            IsNumber: true),
        new("VERSION", static n => n.Version),
        new("LAST REPORT", static n => Format.Ago(n.LastReportAt)),
        new("WARNINGS", static n => n.Warnings.Count == 0 ? "" : Format.Count(n.Warnings.Count), IsNumber: true),
    ];

    /// <inheritdoc/>
    protected override string Path(ParseResult result) => "v1/nodes";
}

/// <summary><c>node ID</c>: one node.</summary>
internal sealed class NodeCommand(CtlContext context) : ItemCommand(
    "node", "One node: what it is, what it carries, what it holds.", context, HttpMethod.Get,
    Completions.Node(context, "node", "The node's name."), NodesCommand.PathOf,
    static (session, answer, _) => session.Show<NodeInfo>(answer, Facts))
{
    private static IEnumerable<(string, string)> Facts(NodeInfo node)
    {
        yield return ("node", node.Id);
        yield return ("state", node.DesiredState == NodeState.Serving || node.State == node.DesiredState
            ? NodesCommand.StateOf(node)
            : $"{NodesCommand.StateOf(node)}, to be {Format.Word(node.DesiredState)}");
        if (node.Quarantine is { } quarantine)
            yield return ("quarantined", $"since {Format.Time(quarantine.Since)}: its reports are refused, its leases run out");
        foreach (var reason in node.NotReady)
            yield return ("not ready", reason);
        if (node.DrainId is not null)
            yield return ("drain", node.DrainId);
        yield return ("version", node.Version);
        yield return ("addresses", string.Join(", ", node.Addresses));
        yield return ("egress", string.Join(", ", node.Egress));
        yield return ("started", Format.Time(node.StartedAt));
        yield return ("last report", Format.Ago(node.LastReportAt));
        yield return ("sessions",
            $"{Format.Count(node.Load.Sessions)}, {Format.Plural(node.Load.Connections, "connection")}");
        yield return ("tunnels", $"{Format.Count(node.Load.TcpTunnels)} TCP, {Format.Count(node.Load.UdpTunnels)} UDP"
            + (node.Capacity.MaxTunnels > 0 ? $", at most {Format.Count(node.Capacity.MaxTunnels)}" : ""));
        yield return ("to clients",
            $"{Format.ByteRate(node.Rates.DownstreamBytes)}, {Format.Bytes(node.Totals.DownstreamBytes)} in all");
        yield return ("to targets",
            $"{Format.ByteRate(node.Rates.UpstreamBytes)}, {Format.Bytes(node.Totals.UpstreamBytes)} in all");
        yield return ("round trip", $"{Format.Latency(node.Rtt.P50)} median, {Format.Latency(node.Rtt.P99)} for 99 %");
        yield return ("tunnels ended", $"{Format.Count(node.Totals.TunnelsCompleted)} in order, "
            + $"{Format.Count(node.Totals.TunnelsForceClosed)} by force, {Format.Count(node.Totals.TunnelsFailed)} otherwise");
        foreach (var loop in node.Load.Loops)
            yield return ($"loop {loop.Loop}", $"{Format.Percent(loop.Busy)} busy, "
                + $"{Format.Plural(loop.Connections, "connection")}, {Format.Plural(loop.Tunnels, "tunnel")}");
        foreach (var lease in node.Leases)
            yield return ("lease",
                $"{lease.Prefix} of {lease.Pool}, {Format.Word(lease.State)}, until {Format.Time(lease.ExpiresAt)}");
        foreach (var warning in node.Warnings)
            yield return ("warning", warning);
    }
}
