using Microsoft.Extensions.Logging;

namespace Relay.Hosting;

/// <summary>
/// A timer whose work may fail: an exception that leaves a <see cref="Timer"/>'s callback ends the process. What fails
/// is logged, and done again at its next time.
/// </summary>
public sealed class GuardedTimer : IDisposable
{
    private readonly string _what;
    private readonly Action _work;
    private readonly ILogger _log;
    private readonly Timer _timer;

    /// <summary>Begins.</summary>
    /// <param name="what">What it does, for the log.</param>
    /// <param name="work">Does it, on a thread of the pool; two may overlap where it takes longer than the interval.</param>
    /// <param name="interval">From one time to the next.</param>
    /// <param name="log">Where to say what failed.</param>
    /// <param name="first">Until the first time; null for one interval.</param>
    public GuardedTimer(string what, Action work, TimeSpan interval, ILogger log, TimeSpan? first = null)
    {
        (_what, _work, _log) = (what, work, log);
        _timer = new Timer(static state => ((GuardedTimer)state!).Fire(), this, first ?? interval, interval);
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    /// <summary>Does the work, and keeps what it throws.</summary>
    public void Fire()
    {
        try
        {
            _work();
        }
        catch (Exception e)
        {
            Report(e);
        }
    }

    private void Report(Exception exception)
    {
        try
        {
            Log.WorkFailed(_log, _what, exception);
        }
        catch (Exception)
        {
            // Whatever keeps the log from being written, there is nobody left to tell.
        }
    }
}
