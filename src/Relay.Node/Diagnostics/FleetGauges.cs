using Relay.Node.Users;

namespace Relay.Node.Diagnostics;

/// <summary>
/// What the node's part in a fleet shows of itself. Written by whoever drains and leases, read at a scrape.
/// </summary>
/// <param name="clock">The monotonic clock by which leases run out.</param>
internal sealed class FleetGauges(TimeProvider clock)
{
    private const long NoLease = long.MinValue;
    private const long InNoFleet = long.MinValue;

    private volatile int _drainPhase;
    private long _leaseExpires = NoLease;
    private int _leasesHeld;
    private long _reportFailures;
    private long _answeredAt = InNoFleet;

    /// <summary>Where the node is between serving and drained.</summary>
    internal DrainPhase DrainPhase
    {
        get => (DrainPhase)_drainPhase;
        set => _drainPhase = (int)value;
    }

    /// <summary>Reports to the fleet that were not answered, since the start.</summary>
    internal long ReportFailures => Interlocked.Read(ref _reportFailures);

    /// <summary>
    /// Time since a coordinator that decides for the node has answered, or since the node began to report; null in no fleet.
    /// </summary>
    internal TimeSpan? AnsweredAgo =>
        Interlocked.Read(ref _answeredAt) is var at && at != InNoFleet ? clock.GetElapsedTime(at) : null;

    /// <summary>How many leases the node is configured to have; 0 where it needs none.</summary>
    internal int LeasesWanted { get; set; }

    /// <summary>How many it uses.</summary>
    internal int LeasesHeld => Volatile.Read(ref _leasesHeld);

    /// <summary>
    /// Time until the first of the node's leases runs out; zero once it has, and where it holds none; null where it needs none.
    /// </summary>
    internal TimeSpan? LeaseExpiresIn
    {
        get
        {
            var expires = Interlocked.Read(ref _leaseExpires);
            if (expires == NoLease)
                return LeasesWanted > 0 ? TimeSpan.Zero : null;
            var left = clock.GetElapsedTime(clock.GetTimestamp(), expires);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>The fleet's users; null where the node takes none.</summary>
    internal UserHolder? Users { get; set; }

    /// <summary>A report was not answered.</summary>
    internal void CountReportFailure() => Interlocked.Increment(ref _reportFailures);

    /// <summary>A coordinator that decides for the node has answered; or the first answer is waited for from now on.</summary>
    internal void NoteAnswer() => Interlocked.Exchange(ref _answeredAt, clock.GetTimestamp());

    /// <summary>Says what of its leases the node has.</summary>
    /// <param name="held">How many it uses.</param>
    /// <param name="left">From now until the first of them runs out; null when it holds none.</param>
    internal void SetLeases(int held, TimeSpan? left)
    {
        Volatile.Write(ref _leasesHeld, held);
        Interlocked.Exchange(
            ref _leaseExpires,
            left is { } time ? clock.GetTimestamp() + (long)(time.TotalSeconds * clock.TimestampFrequency) : NoLease);
    }
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
