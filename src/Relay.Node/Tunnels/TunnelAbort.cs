using Relay.Node.Counters;

namespace Relay.Node.Tunnels;

/// <summary>Why a tunnel ends without an end in order; what carries it says so in its own way.</summary>
internal enum TunnelAbort
{
    /// <summary>The client reset its sending side, or wants no more for an error.</summary>
    ClientAborted,

    /// <summary>The target reset its connection, or it failed.</summary>
    TargetFailed,

    /// <summary>Nothing was relayed for too long.</summary>
    TimedOut,

    /// <summary>The drain deadline has come, or its session is ended.</summary>
    ForceClosed,

    /// <summary>A datagram, or the capsule of one, that cannot be, or for a tunnel that has none (RFC 9297 §2.1).</summary>
    MalformedDatagram,

    /// <summary>The client's stream ended within a capsule (RFC 9297 §3.3).</summary>
    TruncatedCapsule,

    /// <summary>The client's tunnels have more parts of capsules than are kept.</summary>
    TooMuchHeld,
}

/// <summary>What an abort is to whoever counts tunnels.</summary>
internal static class TunnelAborts
{
    /// <summary>The outcome of a tunnel that was aborted.</summary>
    public static TunnelOutcome OutcomeOf(TunnelAbort reason) => reason switch
    {
        TunnelAbort.ClientAborted => TunnelOutcome.ClientAborted,
        TunnelAbort.TargetFailed => TunnelOutcome.TargetAborted,
        TunnelAbort.TimedOut => TunnelOutcome.IdleTimeout,
        TunnelAbort.ForceClosed => TunnelOutcome.ForceClosed,
        TunnelAbort.MalformedDatagram or TunnelAbort.TruncatedCapsule or TunnelAbort.TooMuchHeld => TunnelOutcome.ProtocolViolation,
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, null),
    };
}
