using Microsoft.Extensions.Logging;
using Relay.Node.Diagnostics;
using Relay.Node.Http;
using Relay.Node.Io;
using Relay.Node.Tunnels;

namespace Relay.Node.Hosting;

/// <summary>
/// What loops tell the rest of the node: for the log, for the access log, and for those who wait until nothing is relayed
/// any more, or until a loop fails.
/// </summary>
/// <param name="log">Where to say what happens.</param>
/// <param name="access">Where to tell of each tunnel's end, if anywhere.</param>
/// <param name="isIdle">Whether the node drains, and no connection or tunnel is left.</param>
internal sealed class LoopEvents(ILogger log, AccessLog? access, Func<bool> isIdle)
{
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource? _idle;

    /// <summary>Completes with the failure when a loop ends by an exception.</summary>
    internal Task Failed => _failed.Task;

    /// <summary>
    /// Completes when nothing is left of a drain that has begun. Of this drain: one that the fleet had ordered before may
    /// have been undone.
    /// </summary>
    internal Task WhenIdle()
    {
        var idle = _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        SignalIfIdle();
        return idle.Task;
    }

    /// <summary>A tunnel has ended, and is counted no more. On its loop.</summary>
    internal void OnTunnelEnded(EventLoop loop, Tunnel tunnel)
    {
        try
        {
            Log.TunnelEnded(
                log, tunnel is UdpTunnel ? "UDP" : "TCP", tunnel.Outcome, tunnel.UpstreamBytes, tunnel.DownstreamBytes);
            if (access is not null
                && !access.TryAdd(AccessRecord.Of(tunnel, DateTimeOffset.UtcNow, loop.Now, access.WithTargets)))
                loop.Counters.AccessLinesDropped++;
        }
        finally
        {
            SignalIfIdle();
        }
    }

    /// <summary>A connection has ended, and is counted no more. On its loop.</summary>
    internal void OnConnectionClosed(ClientConnection connection)
    {
        if (log.IsEnabled(LogLevel.Debug))
        {
            var (kind, code, libraryError) = connection.Carrier.CloseFacts;
            Log.ConnectionEnded(log, kind, code, libraryError);
        }
        SignalIfIdle();
    }

    /// <summary>A loop has ended by an exception. On its thread.</summary>
    internal void OnLoopFailed(int index, Exception exception)
    {
        Log.LoopFailed(log, index, exception);
        _failed.TrySetException(exception);
    }

    /// <summary>
    /// A drain is over with the last connection: its tunnels may have ended before their last bytes arrived.
    /// </summary>
    private void SignalIfIdle()
    {
        if (isIdle())
            _idle?.TrySetResult();
    }
}
