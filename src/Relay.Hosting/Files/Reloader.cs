using Microsoft.Extensions.Logging;

namespace Relay.Hosting.Files;

/// <summary>
/// Watches files while the node runs: looks every second, off the loops, and at once when it is told to. Looking works
/// where notifications do not: on network file systems, and across swaps of a directory's link.
/// </summary>
public sealed class Reloader : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly WatchedGroup[] _groups;
    private readonly ILogger _log;
    private readonly GuardedTimer _timer;

    /// <summary>Begins to watch.</summary>
    public Reloader(ILogger log, params WatchedGroup[] groups)
    {
        _log = log;
        _groups = groups;
        _timer = new GuardedTimer("reloading", Poll, Interval, log);
    }

    /// <summary>Reads every file again, as on SIGHUP.</summary>
    public void ReloadAll()
    {
        lock (_gate)
        {
            foreach (var group in _groups)
                group.Reload(_log);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Poll()
    {
        // A look that takes longer than a second is not joined by the next.
        if (!_gate.TryEnter())
            return;
        try
        {
            foreach (var group in _groups)
                group.Poll(_log);
        }
        catch (Exception e) when (e is IOException or OutOfMemoryException)
        {
            Log.ReloadRefused(_log, "configuration", e.Message);
        }
        finally
        {
            _gate.Exit();
        }
    }
}
