namespace Relay.Node.Counters;

/// <summary>The stable name of an outcome, for metric labels, spans and access lines.</summary>
internal static class TunnelOutcomeNames
{
    /// <summary>The outcome in snake case; never allocates.</summary>
    public static string Of(TunnelOutcome outcome) => outcome switch
    {
        TunnelOutcome.Completed => "completed",
        TunnelOutcome.ClientAborted => "client_aborted",
        TunnelOutcome.TargetAborted => "target_aborted",
        TunnelOutcome.Refused => "refused",
        TunnelOutcome.IdleTimeout => "idle_timeout",
        TunnelOutcome.ProtocolViolation => "protocol_violation",
        TunnelOutcome.ForceClosed => "force_closed",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, null),
    };
}
