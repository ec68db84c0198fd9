using System.Net;
using System.Net.Sockets;

namespace Relay.Node.Egress;

/// <summary>The order in which connections to a target's addresses are attempted.</summary>
internal static class AttemptOrder
{
    /// <summary>
    /// RFC 8305 §4: "interleave address families", beginning with that of the resolver's first address; within a family
    /// its order stays.
    /// </summary>
    internal static List<IPEndPoint> Interleave(IReadOnlyList<IPEndPoint> resolved)
    {
        var order = new List<IPEndPoint>(resolved.Count);
        if (resolved.Count == 0)
            return order;
        var family = resolved[0].AddressFamily;
        int first = 0, other = 0;
        while (TryNext(resolved, ref first, family, same: true, order)
            | TryNext(resolved, ref other, family, same: false, order))
        {
            // One of each, until neither is left.
        }
        return order;
    }

    private static bool TryNext(
        IReadOnlyList<IPEndPoint> resolved, ref int next, AddressFamily family, bool same, List<IPEndPoint> order)
    {
        while (next < resolved.Count)
        {
            var candidate = resolved[next++];
            if (candidate.AddressFamily == family != same)
                continue;
            order.Add(candidate);
            return true;
        }
        return false;
    }
}
