using Orleans.Configuration;

namespace Relay.Grains.Hosting;

/// <summary>
/// How fast a silo that hangs is taken out, and why one that is merely busy is not. All of it is here; docs/adr/0014
/// has the reasons.
/// </summary>
/// <remarks>
/// <para>
/// A silo that crashes closes its connections, and is declared dead after three probes, that is within about 6 to 9
/// seconds. One that hangs (SIGSTOP, a dead host, a cut cable) misses three probes of 2 to 4 seconds each, and its last
/// message must be older than the three longest of them: it is out within 12 to 16 seconds. Grains are activated
/// elsewhere with the next call after that.
/// </para>
/// <para>
/// Against false verdicts on a busy machine stand: two votes, or one and a failed indirect probe by way of a third
/// silo; any message received from the silo within the window suppresses the vote; and a silo that finds itself
/// degraded (its own timers late, its pool starved) waits longer before it blames others. A wrong verdict costs a
/// restart of that silo, never a tunnel: state is guarded by compare-and-set in storage, and nodes carry on by
/// themselves.
/// </para>
/// </remarks>
internal static class MembershipTiming
{
    /// <summary>The first wait for the answer to a probe; adapted to what the silo's answers take.</summary>
    internal static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(3);

    /// <summary>
    /// The shortest wait, and so the shortest time between two probes, of a silo that answers at once.
    /// </summary>
    internal static readonly TimeSpan MinProbeTimeout = TimeSpan.FromSeconds(2);

    /// <summary>The longest wait; three of them are the window in which any message proves a silo alive.</summary>
    internal static readonly TimeSpan MaxProbeTimeout = TimeSpan.FromSeconds(4);

    /// <summary>Probes missed in a row before a silo votes against another.</summary>
    internal const int MissedProbes = 3;

    /// <summary>Votes that declare a silo dead; of two silos, one vote is enough.</summary>
    internal const int Votes = 2;

    /// <summary>
    /// How often the table of members is read again where gossip did not arrive: the longest time that a silo which was
    /// declared dead while it hung goes on for after it has woken up.
    /// </summary>
    internal static readonly TimeSpan TableRefresh = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How often a silo signs the table. Entries without three signatures are not waited for by one that joins, so that
    /// a cluster whose silos were all killed starts again after 15 seconds.
    /// </summary>
    internal static readonly TimeSpan Signature = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a silo tries to join, and to write that it leaves, before it gives up and is started again.
    /// </summary>
    internal static readonly TimeSpan JoinLimit = TimeSpan.FromSeconds(30);

    /// <summary>How long a grain waits for another's answer.</summary>
    internal static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(8);

    internal static void Apply(ClusterMembershipOptions options)
    {
        options.ProbeTimeout = ProbeTimeout;
        options.MinProbeTimeout = MinProbeTimeout;
        options.MaxProbeTimeout = MaxProbeTimeout;
        options.NumMissedProbesLimit = MissedProbes;
        options.NumVotesForDeathDeclaration = Votes;
        options.TableRefreshTimeout = TableRefresh;
        options.IAmAliveTablePublishTimeout = Signature;
        options.MaxJoinAttemptTime = JoinLimit;
        options.EnableIndirectProbes = true;
        options.EnableConnectionLivenessCheck = true;
        options.ExtendProbeTimeoutDuringDegradation = true;
        // Silos that are gone are history for a day; the table stays small.
        options.DefunctSiloExpiration = TimeSpan.FromDays(1);
        options.DefunctSiloCleanupPeriod = TimeSpan.FromMinutes(10);
    }
}
