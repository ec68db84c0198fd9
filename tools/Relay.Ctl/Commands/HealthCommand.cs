using System.CommandLine;
using Relay.Ctl.Cli;

namespace Relay.Ctl.Commands;

/// <summary>
/// <c>health</c>: whether what is at the server's address is ready, or alive; for health checks of containers.
/// </summary>
internal sealed class HealthCommand : CtlCommand
{
    private readonly CtlOption<bool> _live = new("--live",
        "Ask whether it is alive (/livez), not whether it is ready (/readyz).");

    /// <param name="context">What all commands share.</param>
    public HealthCommand(CtlContext context) : base(
        "health", "Whether a coordinator, or a node at its metrics address, is ready; exit status 1 if it is not.",
        context) =>
        Options.Add(_live);

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(CtlSession session, ParseResult result, CancellationToken cancellation)
    {
        var live = result.GetValue(_live);
        await session.Client.GetAsync(live ? "livez" : "readyz", cancellation).ConfigureAwait(false);
        return session.Done(live ? "alive" : "ready");
    }
}
