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

    /// <summary>The part that a node belongs to: FNV-1a over its name.</summary>
    internal static int ShardOf(string node)
    {
        var hash = 2166136261u;
        foreach (var character in node)
            hash = (hash ^ character) * 16777619u;
        return (int)(hash % StatsShards);
    }
}
