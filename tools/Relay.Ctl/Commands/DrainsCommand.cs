using System.CommandLine;
using Relay.Ctl.Cli;
using Relay.Ctl.Output;
using Relay.Ctl.Watch;
using Relay.Fleet.Contract;

namespace Relay.Ctl.Commands;

/// <summary><c>drains</c>: what is drained and was.</summary>
internal sealed class DrainsCommand : ListCommand<DrainInfo>
{
    private static readonly TableColumn<DrainInfo>[] Columns =
    [
        new("DRAIN", static d => d.Id),
        new("STATE", static d => Format.Word(d.State)),
        new("DRAINED", static d => $"{d.Drained}/{d.Nodes.Count}", IsNumber: true),
        new("LEFT", static d => Format.Count(d.TunnelsLeft), IsNumber: true),
        new("FINISHED", static d => Format.Count(d.Finished), IsNumber: true),
        new("FORCE-CLOSED", static d => Format.Count(d.ForceClosed), IsNumber: true),
        new("LOST", static d => Format.Count(d.Lost), IsNumber: true),
        new("BEGAN", static d => Format.Time(d.CreatedAt)),
        new("ENDED", static d => Format.Time(d.EndedAt)),
        new("REASON", static d => d.Reason, MayWrap: true),
    ];

    private readonly Option<int> _limit = Limits.Option(100);

    /// <param name="context">What all commands share.</param>
    public DrainsCommand(CtlContext context) : base(
        "drains", "Drains, newest first; show, watch or cancel one.", context, "Nothing has been drained.", Columns) =>
        this.Takes(
            _limit, new DrainShowCommand(context),
            new ItemCommand(
                "cancel", "Cancels a drain: nodes that drain or are drained serve again, those that wait are left alone.",
                context, HttpMethod.Delete, Completions.Drain(context), DrainWatch.PathOf,
                static (session, answer, _) => session.Show<DrainInfo>(answer, DrainFacts.Of)));

    /// <inheritdoc/>
    protected override string Path(ParseResult result) => "v1/drains";

    /// <inheritdoc/>
    protected override int Most(ParseResult result) => Limits.Read(result, _limit);
}

/// <summary><c>drains show ID</c>: one drain.</summary>
internal sealed class DrainShowCommand : CtlCommand
{
    private readonly Argument<string> _drain;

    private readonly CtlOption<bool> _watch = new("--watch",
        "Show how it goes until it has ended; exit status 4 if tunnels were ended by force or lost.", alias: "-w");

    /// <param name="context">What all commands share.</param>
    public DrainShowCommand(CtlContext context) : base("show", "One drain, and how it goes on each node.", context)
    {
        _drain = Completions.Drain(context);
        this.Takes(_drain, _watch);
    }

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var path = DrainWatch.PathOf(result.GetRequiredValue(_drain));
        var answer = await session.Client.GetAsync(path, cancellation).ConfigureAwait(false);
        if (result.GetValue(_watch))
            return await new DrainWatch(session).RunAsync(answer, cancellation).ConfigureAwait(false);
        return session.Show<DrainInfo>(answer, DrainFacts.Of);
    }
}
