using System.CommandLine;
using Relay.Ctl.Api;
using Relay.Ctl.Cli;
using Relay.Ctl.Output;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Ctl.Commands;

/// <summary><c>sessions</c>: who is connected.</summary>
internal sealed class SessionsCommand : CtlCommand
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

    private readonly Option<string?> _node = new("--node") { Description = "Of this node.", HelpName = "NODE" };

    private readonly Option<string?> _identity = new("--identity")
    {
        Description = "Of this identity, exactly: certificate:…, credential:…, anonymous.",
        HelpName = "IDENTITY",
    };

    private readonly Option<string?> _egress = new("--egress")
    {
        Description =
            "With this address toward targets: ADDR, or ADDR:PORT or [ADDR]:PORT, for which the nodes are asked.",
        HelpName = "ADDR[:PORT]",
    };

    private readonly Option<string?> _at = new("--at")
    {
        Description = "When the target saw it, with a port in --egress: 2026-01-02T03:04:05Z; now if left out.",
        HelpName = "TIME",
    };

    private readonly Option<int> _limit = Limits.Option(100);

    /// <param name="context">What all commands share.</param>
    public SessionsCommand(CtlContext context) : base("sessions", "Sessions that are open; show or end one.", context)
    {
        _node.CompletionSources.Add(Completions.Nodes(context));
        AddOptions(this);
        Subcommands.Add(new SessionListCommand(context, this));
        Subcommands.Add(new SessionShowCommand(context));
        Subcommands.Add(new SessionEndCommand(context));
    }

    private void AddOptions(Command command)
    {
        command.Options.Add(_node);
        command.Options.Add(_identity);
        command.Options.Add(_egress);
        command.Options.Add(_at);
        command.Options.Add(_limit);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var (sessions, hasMore) = await session.Client
            .ListAsync(Path(result), FleetJson.Of<Page<SessionRecord>>(), Limits.Read(result, _limit), cancellation)
            .ConfigureAwait(false);
        session.Report.WriteList(sessions, hasMore, FleetJson.Of<Page<SessionRecord>>(), "No session fits.", Columns);
        return ExitStatus.Ok;
    }

    private string Path(ParseResult result) => Query.Of("v1/sessions",
        ("node", result.GetValue(_node)), ("identity", result.GetValue(_identity)),
        ("egress", result.GetValue(_egress)),
        ("at", result.GetValue(_at)));

    /// <summary><c>sessions list</c>: the same, for who types it.</summary>
    private sealed class SessionListCommand : CtlCommand
    {
        private readonly SessionsCommand _sessions;

        public SessionListCommand(CtlContext context, SessionsCommand sessions) : base(
            "list", "Sessions that are open.", context)
        {
            _sessions = sessions;
            sessions.AddOptions(this);
        }

        protected override Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation) =>
            _sessions.RunAsync(session, result, cancellation);
    }
}

/// <summary><c>sessions show ID</c>: one session.</summary>
internal sealed class SessionShowCommand : CtlCommand
{
    private readonly Argument<string> _session = new("session") { Description = "The session's id." };

    /// <param name="context">What all commands share.</param>
    public SessionShowCommand(CtlContext context) : base("show", "One session.", context) => Arguments.Add(_session);

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var path = $"v1/sessions/{Uri.EscapeDataString(result.GetRequiredValue(_session))}";
        var answer = await session.Client.GetAsync(path, cancellation).ConfigureAwait(false);
        return session.Show<SessionRecord>(answer, Facts);
    }

    private static IEnumerable<(string, string)> Facts(SessionRecord session)
    {
        yield return ("session", session.Id);
        yield return ("identity", session.Identity);
        yield return ("node", session.Node);
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
            await session.Client.ChangeAsync(HttpMethod.Delete, $"v1/sessions/{Uri.EscapeDataString(id)}", cancellation)
                .ConfigureAwait(false);
            session.Done($"{id} is ordered to end");
        }
        return ExitStatus.Ok;
    }
}
