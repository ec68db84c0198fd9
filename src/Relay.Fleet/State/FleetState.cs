using Relay.Fleet.Contract;
using Relay.Fleet.Drains;
using Relay.Fleet.Leases;
using Relay.Fleet.Limits;
using Relay.Fleet.Nodes;
using Relay.Fleet.Users;

namespace Relay.Fleet.State;

/// <summary>
/// All that a fleet remembers and its nodes cannot tell again, as one document. What is in it at one time belongs
/// together: whoever goes on from it goes on from all of it.
/// </summary>
public sealed record FleetState
{
    /// <summary>The version of documents that this program writes, and the only one that it reads.</summary>
    public const int CurrentVersion = 1;

    /// <summary>How many nodes, counted once a drain, the drains that are over may have together in what is exported.</summary>
    public const int MaxHistory = NodeRegistry.MaxNodes;

    /// <summary>What the document's fields mean; another number with every change that an older reader would not survive.</summary>
    public required int Version { get; init; }

    /// <summary>See <see cref="FleetOverview.Generation"/>.</summary>
    public required string Generation { get; init; }

    /// <summary>
    /// Blocks may be held that this document does not know of: whoever goes on from it lets a lease time pass before it
    /// grants from a new pool.
    /// </summary>
    public bool IsRecovering { get; init; }

    /// <summary>The pools that are defined, with their blocks that are not free.</summary>
    public IReadOnlyList<PrefixPoolState> Pools { get; init; } = [];

    /// <summary>What nodes hold of pools that are not defined.</summary>
    public IReadOnlyList<FoundPoolState> Found { get; init; } = [];

    /// <summary>Blocks that are still quarantined, of pools that no longer have them.</summary>
    public IReadOnlyList<RetiredBlock> Retired { get; init; } = [];

    /// <summary>The last version that was given to a pool's definition.</summary>
    public long PoolVersion { get; init; }

    /// <summary>The limits.</summary>
    public LimitBookState Limits { get; init; } = new();

    /// <summary>The users; null of a fleet that is older than they are.</summary>
    public UserBookState? Users { get; init; }

    /// <summary>Who is in which drain, and out of service because of it.</summary>
    public DrainSlotsState Slots { get; init; } = new();

    /// <summary>The drains, oldest first.</summary>
    public IReadOnlyList<DrainPlanState> Drains { get; init; } = [];

    /// <summary>
    /// The nodes, without what they carry: their own prefixes are granted to nobody, and a drain goes on with them, before
    /// they have reported again.
    /// </summary>
    public IReadOnlyList<NodeInfo> Nodes { get; init; } = [];

    /// <summary>Which nodes are quarantined.</summary>
    public QuarantineState Quarantine { get; init; } = new();

    /// <summary>The same as an import takes it: without what nodes tell again, and the oldest of the drains that are over.</summary>
    public FleetState ForExport()
    {
        var left = MaxHistory;
        var dropped = Drains.Reverse().Where(static drain => !DrainPlan.IsActiveIn(drain))
            .SkipWhile(drain => (left -= drain.Nodes.Count) >= 0).Select(static drain => drain.Id).ToHashSet(StringComparer.Ordinal);
        return this with { Found = [], Users = Users?.ForExport(), Drains = [.. Drains.Where(drain => !dropped.Contains(drain.Id))] };
    }

    /// <summary>What is remembered of a node.</summary>
    public static NodeInfo Remember(NodeInfo node) => new()
    {
        Id = node.Id,
        State = node.State,
        Incarnation = node.Incarnation,
        Version = node.Version,
        StartedAt = node.StartedAt,
        LastReportAt = node.LastReportAt,
        Addresses = node.Addresses,
        StaticPrefixes = node.StaticPrefixes,
        Sender = node.Sender,
        Drain = node.Drain,
    };

    /// <summary>The definitions.</summary>
    internal PoolCatalogState ToCatalog() =>
        new() { Pools = [.. Pools.Select(static pool => pool.Pool)], Retired = Retired, Version = PoolVersion };
}
