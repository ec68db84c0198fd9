using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using Relay.Admin.Connections;
using Relay.Admin.Identity;
using Relay.Fleet.Contract;

namespace Relay.Admin.Events;

/// <summary>Writes the fleet's events to one client as they come (server-sent events, HTML §9.2).</summary>
internal sealed class EventStream(
    AdminConfig config, IFleet fleet, TokenSource tokens, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);

    /// <summary>Writes until the client goes, its token is taken away, or the host stops.</summary>
    /// <param name="http">The request.</param>
    /// <param name="position">The last event that the client has; null to begin now.</param>
    /// <param name="kinds">The kinds to write; empty for all.</param>
    public async Task WriteAsync(HttpContext http, string? position, IReadOnlySet<FleetEventKind> kinds)
    {
        using var ending =
            CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        http.Response.ContentType = "text/event-stream";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        // A proxy in between would keep back what is meant to be seen now.
        http.Response.Headers["X-Accel-Buffering"] = "no";
        var output = new EventWriter(http.Response.BodyWriter);
        output.Retry(TimeSpan.FromSeconds(2));
        var guard = EndWithTokenAsync(http, ending);
        try
        {
            // First: what happens once the client has the first line is told to it.
            var read = ReadAsync(position, ending.Token);
            await output.FlushAsync(ending.Token).ConfigureAwait(false);
            await WriteBatchesAsync(http, output, read, position, kinds, ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The end that every stream has.
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await guard.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // By itself, and not between two events: there may always be one, and a client that does not read holds up its own.
    private async Task EndWithTokenAsync(HttpContext http, CancellationTokenSource ending)
    {
        while (true)
        {
            var changed = tokens.Changed;
            if (!IsStillAllowed(http))
            {
                await ending.CancelAsync().ConfigureAwait(false);
                return;
            }
            var later = Task.Delay(config.EventHeartbeat, clock, ending.Token);
            if (await Task.WhenAny(changed, later).ConfigureAwait(false) == later)
                await later.ConfigureAwait(false);
        }
    }

    private async Task WriteBatchesAsync(
        HttpContext http, EventWriter output, Task<EventBatch?> read, string? position, IReadOnlySet<FleetEventKind> kinds,
        CancellationToken ending)
    {
        var connection = http.Features.Get<ClientConnection>();
        while (true)
        {
            using var beat = CancellationTokenSource.CreateLinkedTokenSource(ending);
            var heartbeat = Task.Delay(config.EventHeartbeat, clock, beat.Token);
            if (await Task.WhenAny(read, heartbeat).ConfigureAwait(false) == heartbeat)
            {
                await heartbeat.ConfigureAwait(false);
                output.Comment();
                connection?.OnWritten();
                await output.FlushAsync(ending).ConfigureAwait(false);
                continue;
            }
            await beat.CancelAsync().ConfigureAwait(false);
            if (await read.ConfigureAwait(false) is { } batch)
            {
                if (batch.HasGap)
                    output.Gap(batch.Position);
                foreach (var item in batch.Events)
                {
                    if ((kinds.Count == 0 || kinds.Contains(item.Kind)) && EventSight.Of(http, item) is { } seen)
                        output.Event(seen);
                }
                // Also where nothing was written: who is cut off now goes on from here.
                if (batch.Position != position)
                    output.Position(position = batch.Position);
                connection?.OnWritten();
                await output.FlushAsync(ending).ConfigureAwait(false);
            }
            read = ReadAsync(position, ending);
        }
    }

    // Null where the fleet is away: the stream stays, and goes on from where it was once the fleet is back.
    private async Task<EventBatch?> ReadAsync(string? position, CancellationToken ending)
    {
        try
        {
            return await fleet.ReadEventsAsync(position, ending).ConfigureAwait(false);
        }
        catch (FleetUnavailableException)
        {
            await Task.Delay(AskAgain, clock, ending).ConfigureAwait(false);
            return null;
        }
    }

    private bool IsStillAllowed(HttpContext http) =>
        tokens.Current is not { } table || (Caller.Of(http)?.Token is { } token && table.Has(token));
}
