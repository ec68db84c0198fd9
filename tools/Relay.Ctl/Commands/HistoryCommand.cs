using System.CommandLine;
using Relay.Ctl.Api;
using Relay.Ctl.Cli;
using Relay.Ctl.Output;
using Relay.Fleet.Contract;

namespace Relay.Ctl.Commands;

/// <summary><c>history</c>: what has happened, and who has done what.</summary>
internal sealed class HistoryCommand : ListCommand<FleetEvent>
{
    private static readonly TableColumn<FleetEvent>[] Columns =
    [
        new("TIME", static e => Format.Time(e.At)),
        new("KIND", static e => Format.Word(e.Kind)),
        new("WHO", static e => e.Actor ?? "-"),
        new("WHAT", static e => e.Text, MayWrap: true),
        new("FROM", static e => e.Source ?? "-"),
    ];

    private readonly CtlOption<string[]> _kinds = new("--kind",
        "Only these: action (who has changed what), refusal (who was refused), node, drain, lease, user. May be repeated.", "KIND");

    private readonly CtlOption<string?> _subject = new("--subject",
        "Only what is about a node, drain, pool, user, session or identity of this name.", "NAME");

    private readonly CtlOption<string?> _actor = new("--actor", "Only what a token, or a user, of this name did.", "NAME");

    private readonly Option<int> _limit = Limits.Option(100);

    /// <param name="context">What all commands share.</param>
    public HistoryCommand(CtlContext context) : base(
        "history", "What has happened and who has done what, newest first: the last thousand.", context, "Nothing fits.", Columns)
    {
        _kinds.AcceptOnlyFromAmong("action", "refusal", "node", "drain", "lease", "user");
        this.Takes(_kinds, _subject, _actor, _limit);
    }

    /// <inheritdoc/>
    protected override int Most(ParseResult result) => Limits.Read(result, _limit);

    /// <inheritdoc/>
    protected override string Path(ParseResult result) => Query.Of("v1/events/history",
        [.. (result.GetValue(_kinds) ?? []).Select(static kind => ("kind", (string?)kind)),
            ("subject", result.GetValue(_subject)), ("actor", result.GetValue(_actor))]);
}
