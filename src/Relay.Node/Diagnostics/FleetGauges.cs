using Relay.Node.Users;

namespace Relay.Node.Diagnostics;

/// <summary>
/// What the node's part in a fleet shows of itself. Written by whoever drains and leases, read at a scrape.
/// </summary>
/// <param name="clock">The monotonic clock by which leases run out.</param>
internal sealed class FleetGauges(TimeProvider clock)
{
    private const long NoLease = long.MinValue;

    private volatile int _drainPhase;
    private long _leaseExpires = NoLease;
    private long _reportFailures;

    /// <summary>Where the node is between serving and drained.</summary>
    internal DrainPhase DrainPhase
    {
        get => (DrainPhase)_drainPhase;
        set => _drainPhase = (int)value;
    }

    /// <summary>Reports to the fleet that were not answered, since the start.</summary>
    internal long ReportFailures => Interlocked.Read(ref _reportFailures);

    /// <summary>
    /// Time until the first of the node's leases runs out, negative once it has; null where it holds none.
    /// </summary>
    internal TimeSpan? LeaseExpiresIn
    {
        get
        {
            var expires = Interlocked.Read(ref _leaseExpires);
            return expires == NoLease ? null : clock.GetElapsedTime(clock.GetTimestamp(), expires);
        }
    }

    /// <summary>The fleet's users; null where the node takes none.</summary>
    internal UserHolder? Users { get; set; }

    /// <summary>A report was not answered.</summary>
    internal void CountReportFailure() => Interlocked.Increment(ref _reportFailures);

    /// <summary>Says when the first of the node's leases runs out.</summary>
    /// <param name="left">From now; null when it holds none.</param>
    internal void SetLeaseExpiry(TimeSpan? left) => Interlocked.Exchange(
        ref _leaseExpires,
        left is { } time ? clock.GetTimestamp() + (long)(time.TotalSeconds * clock.TimestampFrequency) : NoLease);
}

/// <summary>Where a node is between serving and drained; the numbers are those of <c>relay_drain_state</c>.</summary>
internal enum DrainPhase
{
    /// <summary>It takes connections and tunnels.</summary>
    Serving = 0,

    /// <summary>It takes them, but says that it is not ready, for balancers to notice.</summary>
    Lame = 1,

    /// <summary>It takes none; open tunnels run.</summary>
    Draining = 2,

    /// <summary>No tunnel is left.</summary>
    Drained = 3,
}
