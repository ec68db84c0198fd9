namespace Relay.Grains.State;

/// <summary>
/// Another activation of the same grain has written since this one read: what was decided here does not hold. Asking
/// again reaches one that knows.
/// </summary>
[GenerateSerializer]
[Alias("relay.conflict")]
internal sealed class StorageConflictException(string message) : Exception(message);
