namespace Relay.Fleet.Contract;

/// <summary>A set of blocks that nodes can lease, as an operator defines it.</summary>
public sealed record PrefixPool
{
    /// <summary>Its name: 1 to 63 of <c>a-z 0-9 -</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The addresses that it has.</summary>
    public required Prefix Prefix { get; init; }

    /// <summary>
    /// The length of a block's prefix: not shorter than <see cref="Prefix"/>, at most 20 bits longer, so that a pool
    /// has at most 1 048 576 blocks; at most 30 for IPv4 and 124 for IPv6.
    /// </summary>
    public required int BlockLength { get; init; }

    /// <summary>Changes with every change of the definition.</summary>
    public string Version { get; init; } = "";

    /// <summary>The most bits by which a block's prefix may be longer than its pool's.</summary>
    public const int MaxBlockBits = 20;
}

/// <summary>A pool and how much of it is in use.</summary>
public sealed record PrefixPoolInfo
{
    /// <summary>The definition.</summary>
    public required PrefixPool Pool { get; init; }

    /// <summary>
    /// No pool of this name is defined, and nodes hold blocks of one: they keep them, and nothing is granted before it is
    /// defined again. The prefix is the shortest that has all of these blocks.
    /// </summary>
    public bool IsFound { get; init; }

    /// <summary>
    /// While the pool grants nothing new, since its coordinators may not know all that is held: from when on it does, by
    /// their clock. Null where it grants.
    /// </summary>
    public DateTimeOffset? GrantsFrom { get; init; }

    /// <summary>Who claims a block that another holds by a later grant, one sentence each; for a lease time.</summary>
    public IReadOnlyList<string> Conflicts { get; init; } = [];

    /// <summary>
    /// The tokens of many nodes that keep as much as they may, and whose names were refused another block within a lease time: one
    /// sentence each, with the source that was refused last.
    /// </summary>
    public IReadOnlyList<string> SharedOut { get; init; } = [];

    /// <summary>All its blocks.</summary>
    public long Blocks { get; init; }

    /// <summary>Blocks that a node holds, or has been promised.</summary>
    public long Held { get; init; }

    /// <summary>Blocks that are kept from everybody for a while.</summary>
    public long Quarantined { get; init; }

    /// <summary>Blocks that can be granted now.</summary>
    public long Free { get; init; }

    /// <summary>Blocks that are never granted, since a node has them in its own configuration.</summary>
    public long Excluded { get; init; }
}
