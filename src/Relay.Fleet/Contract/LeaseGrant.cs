namespace Relay.Fleet.Contract;

/// <summary>A block that a node may use, as a directive grants or renews it.</summary>
/// <param name="Pool">Its pool.</param>
/// <param name="Prefix">The block.</param>
/// <param name="Epoch">Names this grant among all of the same block.</param>
/// <param name="DurationMilliseconds">
/// How long the node may use it, counted on its own monotonic clock from when it began to send the report that this
/// answers: so neither the way nor anybody's wall clock can make it longer.
/// </param>
/// <param name="IsReleasing">The node shall stop to use it, and say so in <see cref="NodeReport.Released"/>.</param>
public sealed record LeaseGrant(
    string Pool, Prefix Prefix, long Epoch, long DurationMilliseconds, bool IsReleasing = false);

/// <summary>A block that a node says it uses, or has stopped to use.</summary>
/// <param name="Pool">Its pool.</param>
/// <param name="Prefix">The block.</param>
/// <param name="Epoch">The grant's.</param>
public sealed record LeaseClaim(string Pool, Prefix Prefix, long Epoch);
