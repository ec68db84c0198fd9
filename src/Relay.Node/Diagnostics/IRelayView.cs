using Relay.Node.Counters;

namespace Relay.Node.Diagnostics;

/// <summary>What can be seen of a running relay from any thread, without stopping it.</summary>
internal interface IRelayView
{
    /// <summary>Every loop's counters, by the loop's number.</summary>
    IReadOnlyList<LoopCounters> LoopCounters { get; }

    /// <summary>How long ago each loop last began a turn; an idle one begins one a second.</summary>
    IReadOnlyList<TimeSpan> HeartbeatAges { get; }

    /// <summary>Sockets toward targets that were refused since only a reserve of open files is left.</summary>
    long TargetSocketsRefused { get; }

    /// <summary>When the certificate that new connections get runs out; null where that is not known.</summary>
    DateTimeOffset? CertificateExpires { get; }
}
