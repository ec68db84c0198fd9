using System.CommandLine;
using Relay.Ctl.Api;
using Relay.Ctl.Cli;
using Relay.Ctl.Output;
using Relay.Fleet.Json;
using Relay.Fleet.State;

namespace Relay.Ctl.Commands;

/// <summary><c>fleet export</c>: all that the fleet remembers.</summary>
internal sealed class FleetExportCommand : CtlCommand
{
    private readonly OutputOption _output = new();

    /// <param name="context">What all commands share.</param>
    public FleetExportCommand(CtlContext context) : base(
        "export", "All that the fleet remembers, as a document for 'fleet import': pools, limits, users, drains, nodes by name.", context) =>
        Options.Add(_output);

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var answer = await session.Client.GetAsync("v1/fleet/state", cancellation).ConfigureAwait(false);
        // What is no fleet's state takes the place of no backup.
        answer.Read(FleetJson.Of<FleetState>());
        return await _output.WriteAsync(session, result, answer.Body, cancellation).ConfigureAwait(false);
    }
}

/// <summary><c>fleet import FILE</c>: adds what a document has and the fleet has not.</summary>
internal sealed class FleetImportCommand : CtlCommand
{
    private readonly Argument<string> _file = new("file") { Description = "What 'fleet export' has written." };

    /// <param name="context">What all commands share.</param>
    public FleetImportCommand(CtlContext context) : base(
        "import", "Adds what 'fleet export' has written and the fleet has not. Where something is another here, nothing changes.",
        context) => Arguments.Add(_file);

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var json = ServerOptions.ReadFile("file", result.GetRequiredValue(_file), AdminClient.MaxAnswer);
        var answer = await session.Client.ChangeAsync(
            HttpMethod.Put, "v1/fleet/state", cancellation, System.Text.Encoding.UTF8.GetBytes(json)).ConfigureAwait(false);
        return session.Show<FleetImport>(answer, static import =>
        [
            ("pools", Named(import.Pools)), ("limits", Named(import.Limits)),
            ("users", import.Users == 0 ? "none are new" : Format.Count(import.Users)), ("drains", Named(import.Drains)),
            ("quarantined", Named(import.Quarantined)),
        ]);
    }

    private static string Named(IReadOnlyList<string> names) =>
        names.Count == 0 ? "none are new" : $"{Format.Count(names.Count)}: {string.Join(", ", names)}";
}
