using Microsoft.Extensions.Logging;
using Relay.Hosting;
using Relay.Native.Linux;

namespace Relay.Node.Hosting;

/// <summary>
/// Gives memory back that was freed and is still resident, follows the machine's addresses, and says when sockets are
/// refused for want of open files. Looks a second after the start, then every ten seconds, off the loops.
/// </summary>
internal sealed class Housekeeping : IDisposable
{
    /// <summary>Looks from one list of the machine's addresses to the next.</summary>
    private const int LooksPerRefresh = 3;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(1);

    private readonly Action _refresh;
    private readonly Action _trim;
    private readonly ILogger _log;
    private readonly Func<(long Resident, long Allocated, long Managed)> _measure;
    private readonly TrimDecision _decision = new();
    private GuardedTimer? _timer;
    private int _looks;
    private long _refused;

    /// <summary>Does nothing before <see cref="Start"/>.</summary>
    /// <param name="refresh">Looks at the machine's addresses.</param>
    /// <param name="trim">Makes the loops give up memory that they keep for later.</param>
    /// <param name="log">Where to say what happens.</param>
    /// <param name="measure">
    /// Bytes that are resident, that the C allocator has given out, and managed ones that were ever allocated; null asks the process.
    /// </param>
    internal Housekeeping(
        Action refresh, Action trim, ILogger log, Func<(long Resident, long Allocated, long Managed)>? measure = null) =>
        (_refresh, _trim, _log, _measure) = (
            refresh, trim, log,
            measure ?? (static () => (ProcessMemory.Resident, ProcessMemory.Allocated, GC.GetTotalAllocatedBytes())));

    /// <summary>Begins to look.</summary>
    internal Housekeeping Start()
    {
        // What a rush is compared with must be known before the first one.
        var (resident, allocated, managed) = _measure();
        _ = _decision.IsDue(resident, allocated, managed);
        _timer = new GuardedTimer("housekeeping", Look, Interval, _log, FirstLook);
        return this;
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    internal void Look()
    {
        // First what cannot fail: no failure of one chore is to keep another from being done.
        var (resident, allocated, managed) = _measure();
        // What a start leaves is garbage, nearly all of it, which no later look would find: it would be part of what that compares with.
        var isLeftByStart = _looks == 0 && managed >= TrimDecision.WorthwhileOnceOver;
        if (_decision.IsDue(resident, allocated, managed) || isLeftByStart)
        {
            _trim();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            _ = ProcessMemory.Trim();
            (resident, allocated, _) = _measure();
            _decision.Trimmed(resident, allocated);
        }
        var refused = FileLimits.Refused;
        if (refused != _refused)
            Log.OpenFilesUsedUp(_log, refused - _refused);
        _refused = refused;
        if (++_looks % LooksPerRefresh == 0)
            _refresh();
    }
}
