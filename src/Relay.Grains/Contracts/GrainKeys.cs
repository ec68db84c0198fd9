using Relay.Fleet.Contract;

namespace Relay.Grains.Contracts;

/// <summary>
/// The keys of grains that are not named by what they stand for, and of their storage. Every version of the program has the same.
/// </summary>
internal static class GrainKeys
{
    /// <summary>The key of what a fleet has only one of.</summary>
    internal const string Single = "fleet";

    /// <summary>The name of the storage that grains persist to.</summary>
    internal const string Storage = "fleet";

    /// <summary>The name of the storage of what a loss would break: who has which block, and which pools there are.</summary>
    internal const string Promises = "promises";

    /// <summary>Into how many parts the nodes are divided for statistics.</summary>
    internal const int StatsShards = 16;

    /// <summary>The part that a node belongs to.</summary>
    internal static int ShardOf(string node) => (int)(Names.HashOf(node) % StatsShards);
}
