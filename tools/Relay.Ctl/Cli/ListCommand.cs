using System.CommandLine;
using Relay.Ctl.Output;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Ctl.Cli;

/// <summary>A command that shows a list of the API's as a table.</summary>
internal abstract class ListCommand<T>(
    string name, string summary, CtlContext context, string none, IReadOnlyList<TableColumn<T>> columns)
    : CtlCommand(name, summary, context)
{
    /// <summary>Where the list is, with what was asked for.</summary>
    protected abstract string Path(ParseResult result);

    /// <summary>How many are shown.</summary>
    protected virtual int Most(ParseResult result) => int.MaxValue;

    /// <summary>The same under a name of its own, for whoever looks for it there.</summary>
    protected Command AsList(string listSummary, params ReadOnlySpan<Symbol> options)
    {
        var list = new Again(Context, this, listSummary);
        list.Takes(options);
        return list;
    }

    /// <inheritdoc/>
    protected sealed override async Task<int> RunAsync(
        CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var type = FleetJson.Of<Page<T>>();
        var (items, hasMore) = await session.Client.ListAsync(Path(result), type, Most(result), cancellation)
            .ConfigureAwait(false);
        session.Report.WriteList(items, hasMore, type, none, columns);
        return ExitStatus.Ok;
    }

    private sealed class Again(CtlContext context, ListCommand<T> list, string summary)
        : CtlCommand("list", summary, context)
    {
        protected override Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation) =>
            list.RunAsync(session, result, cancellation);
    }
}
