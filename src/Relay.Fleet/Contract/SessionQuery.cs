namespace Relay.Fleet.Contract;

/// <summary>Which sessions are wanted: those that fit everything that is named.</summary>
public sealed record SessionQuery
{
    /// <summary>The node that carries them.</summary>
    public string? Node { get; init; }

    /// <summary>Whose they are, exactly.</summary>
    public string? Identity { get; init; }

    /// <summary>A source address that a target saw.</summary>
    public string? EgressAddress { get; init; }

    /// <summary>
    /// A source port that a target saw, with <see cref="EgressAddress"/>: their nodes are asked, which takes a report
    /// or two.
    /// </summary>
    public int? EgressPort { get; init; }

    /// <summary>When the target saw it, with <see cref="EgressPort"/>; null for now.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>At most so many, 1 to 1000.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>From <see cref="Page{T}.Next"/>; null for the first.</summary>
    public string? Cursor { get; init; }
}
