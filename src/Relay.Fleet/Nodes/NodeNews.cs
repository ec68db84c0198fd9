using Relay.Fleet.Contract;

namespace Relay.Fleet.Nodes;

/// <summary>
/// What of a node others have to be told of when it is another: all but what every report measures anew (load, totals, rates, round
/// trips, when it came, when leases run out), which is asked for where somebody wants to see it.
/// </summary>
public static class NodeNews
{
    /// <summary>Whether there is any between what was told of a node and what it is now.</summary>
    public static bool IsBetween(NodeInfo before, NodeInfo now) =>
        before.Id != now.Id || before.State != now.State || before.DesiredState != now.DesiredState || before.DrainId != now.DrainId
        || before.Incarnation != now.Incarnation || before.Version != now.Version || before.StartedAt != now.StartedAt
        || before.Capacity != now.Capacity || before.Drain != now.Drain || before.IsOpenRelay != now.IsOpenRelay
        || before.Users != now.Users || before.Sender != now.Sender || before.Quarantine != now.Quarantine
        // How many is told with every report, that there are any is a warning.
        || before.SessionsNotKept > 0 != now.SessionsNotKept > 0
        || !IsSame(before.Contender, now.Contender)
        || !before.NotReady.SequenceEqual(now.NotReady) || !before.Addresses.SequenceEqual(now.Addresses)
        || !before.Egress.SequenceEqual(now.Egress) || !before.StaticPrefixes.SequenceEqual(now.StaticPrefixes)
        || !before.Warnings.SequenceEqual(now.Warnings)
        || before.Leases.Count != now.Leases.Count
        || (now.Leases.Count > 0 && before.Leases.Zip(now.Leases).Any(static both => !IsSame(both.First, both.Second)));

    private static bool IsSame(NodeContender? before, NodeContender? now) => before is null || now is null
        ? before is null && now is null
        : before.StartedAt == now.StartedAt && before.Addresses.SequenceEqual(now.Addresses);

    private static bool IsSame(LeaseInfo before, LeaseInfo now) =>
        before.Pool == now.Pool && before.Prefix == now.Prefix && before.Node == now.Node && before.Epoch == now.Epoch && before.State == now.State;
}
