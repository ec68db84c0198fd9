using System.CommandLine;
using Relay.Ctl.Api;
using Relay.Ctl.Cli;
using Relay.Ctl.Output;
using Relay.Fleet.Contract;

namespace Relay.Ctl.Commands;

/// <summary><c>sessions</c>: who is connected.</summary>
internal sealed class SessionsCommand : ListCommand<SessionRecord>
{
    private static readonly TableColumn<SessionRecord>[] Columns =
    [
        new("SESSION", static s => s.Id),
        new("IDENTITY", static s => s.Identity),
        new("NODE", static s => s.Node),
        new("STATE", static s => Format.Word(s.State)),
        new("TUNNELS", static s => Format.Count(s.TunnelsOpen), IsNumber: true),
        new("TO CLIENT", static s => Format.Bytes(s.DownstreamBytes), IsNumber: true),
        new("TO TARGETS", static s => Format.Bytes(s.UpstreamBytes), IsNumber: true),
        new("STARTED", static s => Format.Time(s.StartedAt)),
        new("EGRESS", static s => string.Join(' ', s.EgressAddresses), MayWrap: true),
    ];

    private readonly CtlOption<string?> _node = new("--node", "Of this node.", "NODE");

    private readonly CtlOption<string?> _identity = new("--identity",
        "Of this identity, exactly: user:…, certificate:…, credential:…, jwt:…, anonymous.", "IDENTITY");

    private readonly CtlOption<string?> _egress = new("--egress",
        "With this address toward targets: ADDR, or ADDR:PORT or [ADDR]:PORT, for which the nodes are asked.", "ADDR[:PORT]");

    private readonly CtlOption<string?> _at = new("--at",
        "When the target saw it, with a port in --egress: 2026-01-02T03:04:05Z; now if left out.", "TIME");

    private readonly Option<int> _limit = Limits.Option(100);

    /// <param name="context">What all commands share.</param>
    public SessionsCommand(CtlContext context) : base(
        "sessions", "Sessions that are open; show or end one.", context, "No session fits.", Columns)
    {
        _node.CompletionSources.Add(Completions.Nodes(context));
        Symbol[] options = [_node, _identity, _egress, _at, _limit];
        this.Takes(options);
        this.Takes(
            AsList("Sessions that are open.", options), new SessionShowCommand(context), new SessionEndCommand(context));
    }

    /// <summary>The path of a session.</summary>
    public static string PathOf(string session) => $"v1/sessions/{Uri.EscapeDataString(session)}";

    /// <inheritdoc/>
    protected override int Most(ParseResult result) => Limits.Read(result, _limit);

    /// <inheritdoc/>
    protected override string Path(ParseResult result) => Query.Of("v1/sessions",
        ("node", result.GetValue(_node)), ("identity", result.GetValue(_identity)),
        ("egress", result.GetValue(_egress)), ("at", result.GetValue(_at)));
}

/// <summary><c>sessions show ID</c>: one session.</summary>
internal sealed class SessionShowCommand(CtlContext context) : ItemCommand(
    "show", "One session.", context, HttpMethod.Get, new("session") { Description = "The session's id." },
    SessionsCommand.PathOf, static (session, answer, _) => session.Show<SessionRecord>(answer, Facts))
{
    private static IEnumerable<(string, string)> Facts(SessionRecord session)
    {
        yield return ("session", session.Id);
        yield return ("identity", session.Identity);
        yield return ("node", session.Node);
        yield return ("http", session.HttpVersion ?? "");
        yield return ("state", Format.Word(session.State));
        yield return ("started", Format.Time(session.StartedAt));
        yield return ("tunnels",
            $"{Format.Count(session.TunnelsOpen)} open, {Format.Count(session.TunnelsTotal)} in all");
        yield return ("to client", Format.Bytes(session.DownstreamBytes));
        yield return ("to targets", Format.Bytes(session.UpstreamBytes));
        yield return ("egress", string.Join(", ", session.EgressAddresses));
    }
}

/// <summary><c>sessions end ID…</c>: ends sessions.</summary>
internal sealed class SessionEndCommand : CtlCommand
{
    private readonly Argument<string[]> _sessions = new("session")
    {
        Description = "The sessions' ids.",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <param name="context">What all commands share.</param>
    public SessionEndCommand(CtlContext context) : base(
        "end", "Ends sessions: their nodes close the clients' connections with their next report.", context) =>
        Arguments.Add(_sessions);

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        foreach (var id in result.GetRequiredValue(_sessions))
        {
            await session.Client.ChangeAsync(HttpMethod.Delete, SessionsCommand.PathOf(id), cancellation)
                .ConfigureAwait(false);
            session.Done($"{id} is ordered to end");
        }
        return ExitStatus.Ok;
    }
}
