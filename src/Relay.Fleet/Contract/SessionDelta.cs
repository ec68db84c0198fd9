namespace Relay.Fleet.Contract;

/// <summary>
/// What became of a node's sessions. Every change has a number; a delta tells those above <see cref="From"/> up to
/// <see cref="To"/>. Who receives it applies it only if it has everything up to <see cref="From"/>.
/// </summary>
public sealed record SessionDelta
{
    /// <summary>Nothing: what an absent one is, for all to share.</summary>
    internal static readonly SessionDelta None = new();

    /// <summary>The number that the receiver must have; of no meaning with <see cref="IsRestart"/>.</summary>
    public long From { get; init; }

    /// <summary>The number that the receiver has afterwards.</summary>
    public long To { get; init; }

    /// <summary>The receiver forgets what it has of this node first.</summary>
    public bool IsRestart { get; init; }

    /// <summary>
    /// Sessions that began or changed, whole. At most <see cref="MaxChanges"/>; the rest comes with the next report.
    /// </summary>
    public IReadOnlyList<SessionRecord> Changed { get; init; } = [];

    /// <summary>Sessions that ended.</summary>
    public IReadOnlyList<string> Ended { get; init; } = [];

    /// <summary>The most that <see cref="Changed"/> and <see cref="Ended"/> hold together.</summary>
    public const int MaxChanges = 4096;
}
