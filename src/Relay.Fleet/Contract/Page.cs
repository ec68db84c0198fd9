namespace Relay.Fleet.Contract;

/// <summary>A part of a list.</summary>
/// <param name="Items">The part.</param>
/// <param name="Next">
/// Where the next part begins; null after the last. Opaque, and valid while the list changes.
/// </param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next = null);
