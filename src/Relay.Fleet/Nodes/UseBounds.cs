using Relay.Fleet.Contract;

namespace Relay.Fleet.Nodes;

/// <summary>
/// What is believed of a node's word on what users have used there: no more than a machine can carry in the time, all of them together,
/// nor than each was last allowed there. What is believed is refused to them everywhere.
/// </summary>
internal static class UseBounds
{
    /// <summary>A card of 400 Gbit/s.</summary>
    internal const long MaxBytesPerSecond = 50_000_000_000;

    /// <summary>Tunnels of a node that begin in a second.</summary>
    internal const long MaxTunnelsPerSecond = 1 << 20;

    // What a node may have kept to itself of a user, with many others to tell of.
    private const long Backlog = 60;

    /// <summary>What users have used as far as it is believed.</summary>
    /// <param name="uses">As the node says.</param>
    /// <param name="seconds">Since the batch before.</param>
    /// <param name="rateOf">What a user was allowed there in a second; the most that there is for anything.</param>
    internal static IReadOnlyList<UserUse> Of(IReadOnlyList<UserUse> uses, long seconds, Func<string, long> rateOf)
    {
        var (bytes, tunnels) = (Times(MaxBytesPerSecond, seconds), Times(MaxTunnelsPerSecond, seconds));
        List<UserUse> believed = [];
        foreach (var use in uses)
        {
            var most = Math.Min(bytes, Times(rateOf(use.Name), seconds + Backlog));
            var up = Math.Min(use.UpstreamBytes, most);
            var down = Math.Min(use.DownstreamBytes, most - up);
            var opened = Math.Min(use.Tunnels, tunnels);
            (bytes, tunnels) = (bytes - up - down, tunnels - opened);
            believed.Add(new UserUse(use.Name, up, down, opened));
        }
        return believed;
    }

    private static long Times(long rate, long seconds) => rate > long.MaxValue / seconds ? long.MaxValue : rate * seconds;
}
