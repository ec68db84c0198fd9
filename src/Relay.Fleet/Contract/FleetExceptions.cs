namespace Relay.Fleet.Contract;

/// <summary>
/// The fleet does not answer at the moment: storage, silo or network are away. Trying again is right.
/// </summary>
public sealed class FleetUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// Another process reports under the node's name and keeps it until it leaves or has missed three reports. Asking again is
/// right, after a while.
/// </summary>
/// <param name="message">Who has the name, and who asks for it; one sentence.</param>
/// <param name="retryAfter">When to ask again.</param>
public sealed class NodeNameTakenException(string message, TimeSpan retryAfter) : Exception(message)
{
    /// <summary>When to ask again.</summary>
    public TimeSpan RetryAfter { get; } = retryAfter;
}

/// <summary>
/// The fleet refuses what was sent: a wrong token, a malformed report. Trying the same again is of no use.
/// </summary>
public sealed class FleetRejectedException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>An operator has quarantined the node.</summary>
    public bool IsQuarantined { get; init; }
}
