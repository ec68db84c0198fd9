namespace Relay.Fleet;

/// <summary>
/// The fleet does not answer at the moment: storage, silo or network are away. Trying again is right.
/// </summary>
public sealed class FleetUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// The fleet refuses what was sent: a wrong token, a malformed report. Trying the same again is of no use.
/// </summary>
public sealed class FleetRejectedException(string message, Exception? inner = null) : Exception(message, inner);
