namespace Relay.Fleet.Contract;

/// <summary>The store of users, and how far nodes have it.</summary>
public sealed record UserStoreInfo
{
    /// <summary>Its generation: another one after it was lost or restored.</summary>
    public required Guid Store { get; init; }

    /// <summary>The version of the last change.</summary>
    public required long Version { get; init; }

    /// <summary>An operator has said that it replaces what nodes have of another.</summary>
    public bool IsConfirmed { get; init; }

    /// <summary>How many users there are.</summary>
    public int Users { get; init; }

    /// <summary>How many devices they have together.</summary>
    public int Devices { get; init; }

    /// <summary>Nodes that keep what they have of another store, or of a later state of this one, until this one is confirmed.</summary>
    public IReadOnlyList<string> Waiting { get; init; } = [];

    /// <summary>Nodes that are heard of, and have not yet all that is in the store; those that wait are not among them.</summary>
    public IReadOnlyList<string> Behind { get; init; } = [];

    /// <summary>What there is to tell of a store and the nodes.</summary>
    public static UserStoreInfo Of(UserStanding standing, IEnumerable<NodeInfo> nodes)
    {
        var steps = nodes.Where(static node => node.State != NodeState.Silent)
            .ToLookup(node => standing.Next(node.Users), static node => node.Id);
        return new UserStoreInfo
        {
            Store = standing.Store,
            Version = standing.Version,
            IsConfirmed = standing.IsConfirmed,
            Users = standing.Users,
            Devices = standing.Devices,
            Waiting = [.. steps[UserStep.Waits]],
            Behind = [.. steps[UserStep.Changes].Concat(steps[UserStep.WholeSet]).Order(StringComparer.Ordinal)],
        };
    }
}
