using System.CommandLine;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Relay.Ctl.Api;
using Relay.Ctl.Cli;
using Relay.Ctl.Output;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Ctl.Commands;

/// <summary><c>events</c>: what happens in the fleet, as it happens.</summary>
internal sealed class EventsCommand : CtlCommand
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private readonly CtlOption<bool> _follow = new("--follow",
        "Connect again after a loss, and go on where it was.", alias: "-f");

    private readonly CtlOption<string?> _since = new("--since",
        "Begin after the event of this id, as far as events are kept.", "ID");

    private readonly CtlOption<string[]> _kinds = new("--kind",
        "Only these: node, drain, lease, user, action, refusal (for operators), rate; all but the last two if left out. May be repeated.", "KIND");

    private readonly CtlOption<int?> _count = new("--count", "End after so many.", "N", alias: "-n");

    /// <param name="context">What all commands share.</param>
    public EventsCommand(CtlContext context) : base(
        "events", "What happens in the fleet, as it happens; Ctrl-C ends it.", context)
    {
        _kinds.AcceptOnlyFromAmong("node", "drain", "lease", "rate", "user", "action", "refusal");
        this.Takes(_follow, _since, _kinds, _count);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var asked = result.GetValue(_kinds) ?? [];
        // Not asked for by name: a coordinator of an older version knows fewer.
        string[] kinds = asked.Length > 0 ? asked : ["node", "drain", "lease", "user", "action"];
        var state = new Reading(result.GetValue(_since), result.GetValue(_count) ?? int.MaxValue);
        var wait = FirstWait;
        while (true)
        {
            try
            {
                var before = state.Seen;
                await ReadAsync(session, asked, kinds, state, cancellation).ConfigureAwait(false);
                if (state.Seen > before)
                    wait = FirstWait;
                if (state.Left == 0)
                    return ExitStatus.Ok;
                if (!result.GetValue(_follow))
                    throw new UnreachableException("the stream has ended; with --follow it is connected again");
            }
            catch (UnreachableException e) when (result.GetValue(_follow))
            {
                session.Report.Say($"relayctl: {e.Message}; trying again");
            }
            await Task.Delay(wait, cancellation).ConfigureAwait(false);
            wait = TimeSpan.FromTicks(Math.Min(2 * wait.Ticks, LongestWait.Ticks));
        }
    }

    private static async Task ReadAsync(
        CtlSession session, string[] asked, string[] kinds, Reading state, CancellationToken cancellation)
    {
        try
        {
            var path = Query.Of("v1/events", asked.Select(static kind => ("kind", (string?)kind)));
            await using var stream = await session.Client.StreamAsync(path, state.Last, cancellation)
                .ConfigureAwait(false);
            var events = SseParser.Create(stream);
            await foreach (var item in events.EnumerateAsync(cancellation).ConfigureAwait(false))
            {
                if (events.LastEventId.Length > 0)
                    state.Last = events.LastEventId;
                if (item.EventType == "gap")
                    session.Report.Say("relayctl: some events between were not kept");
                else if (kinds.Contains(item.EventType))
                    Write(session.Report, item.Data, state);
                if (state.Left == 0)
                    return;
            }
        }
        catch (IOException e)
        {
            throw new UnreachableException($"the stream broke off: {e.Message}", e);
        }
    }

    private static void Write(Report report, string data, Reading state)
    {
        FleetEvent? happened;
        try
        {
            happened = JsonSerializer.Deserialize(data, FleetJson.Of<FleetEvent>());
        }
        catch (JsonException e)
        {
            throw new AdminException(0, $"an event is not what the admin API gives: {e.Message}");
        }
        if (happened is null)
            return;
        state.Left--;
        state.Seen++;
        if (report.IsJson)
            report.WriteJsonLine(happened, FleetJson.Of<FleetEvent>());
        else
            report.WriteLine($"{Format.Time(happened.At)}  {Format.Word(happened.Kind),-7}  {Text(happened)}");
    }

    private static string Text(FleetEvent happened) => happened.Rate is { } rate
        ? $"{Format.ByteRate(rate.Rates.DownstreamBytes)} to clients, {Format.ByteRate(rate.Rates.UpstreamBytes)} to targets, "
            + $"{Format.Plural(rate.Load.TcpTunnels + rate.Load.UdpTunnels, "tunnel")}, {Format.Plural(rate.Load.Sessions, "session")}"
        : happened.Text;

    private sealed class Reading(string? last, int left)
    {
        public string? Last { get; set; } = last;

        public int Left { get; set; } = left;

        public long Seen { get; set; }
    }
}
