using System.CommandLine;
using Relay.Ctl.Cli;
using Relay.Ctl.Output;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Ctl.Commands;

/// <summary><c>nodes history</c>: how it went at a node.</summary>
internal sealed class NodeHistoryCommand : CtlCommand
{
    private static readonly TableColumn<NodeHistoryPoint>[] Columns =
    [
        new("UNTIL", static p => Format.Time(p.At)),
        new("TO CLIENTS", static p => Format.ByteRate(p.DownstreamBytes), IsNumber: true),
        new("TO TARGETS", static p => Format.ByteRate(p.UpstreamBytes), IsNumber: true),
        new("TCP", static p => Format.Count(p.TcpTunnels), IsNumber: true),
        new("UDP", static p => Format.Count(p.UdpTunnels), IsNumber: true),
        new("CONNECTIONS", static p => Format.Count(p.Connections), IsNumber: true),
        new("BUSY", static p => p.Busy is { } busy ? Format.Percent(busy) : "-", IsNumber: true),
    ];

    private readonly Argument<string> _node;

    private readonly CtlOption<string> _window = new("--window",
        "Over what time: 1m to 2h, by the minute, or up to 15m by ten seconds; 1h if left out.", "TIME")
    {
        DefaultValueFactory = _ => "1h",
    };

    /// <param name="context">What all commands share.</param>
    public NodeHistoryCommand(CtlContext context) : base("history", "How it went at a node, oldest first: two hours at most.", context)
    {
        _node = Completions.Node(context, "node", "The node's name.");
        Arguments.Add(_node);
        Options.Add(_window);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var window = Values.Seconds("--window", result.GetRequiredValue(_window));
        var path = $"{NodesCommand.PathOf(result.GetRequiredValue(_node))}/history?window={window}";
        var answer = await session.Client.GetAsync(path, cancellation).ConfigureAwait(false);
        var type = FleetJson.Of<NodeHistory>();
        var history = answer.Read(type);
        if (session.Report.IsJson)
            session.Report.WriteJson(history, type);
        else
            session.Report.WriteList(
                history.Points, hasMore: false, FleetJson.Of<Page<NodeHistoryPoint>>(), "The fleet has not heard of it in that time.", Columns);
        return ExitStatus.Ok;
    }
}
