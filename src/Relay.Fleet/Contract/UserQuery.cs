namespace Relay.Fleet.Contract;

/// <summary>Which users are wanted.</summary>
public sealed record UserQuery
{
    /// <summary>A part of the name, as it is written; null for any.</summary>
    public string? Search { get; init; }

    /// <summary>At most so many, 1 to 1000.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>From <see cref="Page{T}.Next"/>; null for the first.</summary>
    public string? Cursor { get; init; }
}
