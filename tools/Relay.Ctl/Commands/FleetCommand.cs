using System.CommandLine;
using Relay.Ctl.Cli;
using Relay.Ctl.Output;
using Relay.Fleet.Contract;

namespace Relay.Ctl.Commands;

/// <summary><c>fleet</c>: the fleet at a glance.</summary>
internal sealed class FleetCommand : CtlCommand
{
    /// <param name="context">What all commands share.</param>
    public FleetCommand(CtlContext context) : base("fleet", "The fleet at a glance; all that it remembers, out and in.", context) =>
        this.Takes(new FleetExportCommand(context), new FleetImportCommand(context));

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var answer = await session.Client.GetAsync("v1/fleet", cancellation).ConfigureAwait(false);
        return session.Show<FleetOverview>(answer, Facts);
    }

    private static IEnumerable<(string, string)> Facts(FleetOverview fleet)
    {
        if (fleet.ClusterId.Length > 0)
            yield return ("cluster", fleet.ClusterId);
        yield return ("coordination", fleet.Coordination == "local"
            ? $"local: {(fleet.Warnings.Any(static warning => warning.Kind == "no-persistence") ? "in memory, " : "")}no high availability"
            : $"{fleet.Coordination}, {Format.Plural(fleet.Coordinators, "coordinator")}");
        yield return ("nodes", fleet.Nodes.Count == 0
            ? "none"
            : string.Join(", ", fleet.Nodes.OrderBy(static n => n.Key)
                .Select(static n => $"{n.Value} {Format.Word(n.Key)}")));
        yield return ("sessions", Format.Count(fleet.Load.Sessions));
        yield return ("tunnels",
            $"{Format.Count(fleet.Load.TcpTunnels)} TCP, {Format.Count(fleet.Load.UdpTunnels)} UDP");
        yield return ("to clients", Format.ByteRate(fleet.Rates.DownstreamBytes));
        yield return ("to targets", Format.ByteRate(fleet.Rates.UpstreamBytes));
        yield return ("drains running", Format.Count(fleet.DrainsRunning));
        foreach (var warning in fleet.Warnings)
            yield return ("warning", warning.Text);
    }
}
