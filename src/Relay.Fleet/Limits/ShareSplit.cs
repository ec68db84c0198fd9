namespace Relay.Fleet;

/// <summary>One of an identity's limits, divided among the nodes that it uses.</summary>
internal sealed class ShareSplit
{
    private readonly Dictionary<string, Share> shares = new(StringComparer.Ordinal);
    private readonly bool isCount;

    /// <summary>A limit of which nothing is used.</summary>
    /// <param name="isCount">
    /// Whether it is a number of things that stay when their node's share falls below it; otherwise a rate, which falls too.
    /// </param>
    public ShareSplit(bool isCount) => this.isCount = isCount;

    /// <summary>No node uses any of it.</summary>
    public bool IsIdle => shares.Count == 0;

    /// <summary>What is used, as far as nodes have said.</summary>
    public long Used => shares.Values.Sum(share => share.Used);

    /// <summary>What a node may use that does not use any: half of the limit is there for such beginnings, and at least one.</summary>
    public static long Opening(long limit, int nodes) =>
        nodes <= 1 ? limit : Math.Min(limit, Math.Max(1, limit / (2L * nodes)));

    /// <summary>Takes what a node uses, and gives its share.</summary>
    public long Report(string node, long used, bool wants, long limit, int nodes, DateTimeOffset now)
    {
        var opening = Opening(limit, nodes);
        if (!shares.TryGetValue(node, out var share))
            share = new Share { Given = opening };
        share = share with { Used = used, Wants = wants, At = now, Before = share.Given };
        shares[node] = share;
        var isFull = isCount && Used >= limit;
        if (!share.IsActive)
        {
            share = shares[node] = share with { Given = isFull ? 0 : opening };
            // Nothing but the opening share, which every node has, was in force here: there is nothing to remember.
            if (share.Before <= opening)
                shares.Remove(node);
            return share.Given;
        }
        var target = TargetOf(node, limit, opening);
        var room = limit - shares.Where(other => other.Key != node).Sum(other => Reserved(other.Value));
        var floor = Math.Max(isFull ? 0 : opening, isCount ? Math.Min(used, target) : opening);
        var given = Math.Min(Math.Max(target, floor), Math.Max(room, floor));
        shares[node] = share with { Given = given };
        return given;
    }

    /// <summary>A node has nothing any more.</summary>
    public void Forget(string node) => shares.Remove(node);

    /// <summary>Forgets nodes that have not reported for a time.</summary>
    public void ForgetBefore(DateTimeOffset at)
    {
        foreach (var (node, share) in shares)
        {
            if (share.At < at)
                shares.Remove(node);
        }
    }

    // What a node may still be using: its share, the share before it until a further report shows that the answer to the
    // last one has arrived or was given up, and of things that stay, what there is.
    private long Reserved(Share share) => Math.Max(Math.Max(share.Given, share.Before), isCount ? share.Used : 0);

    // Max-min fairness: who needs little gets what it needs and some of what is spare, the rest is divided evenly among who
    // wants more, and what nobody needs is spread over all.
    private long TargetOf(string node, long limit, long opening)
    {
        var spare = Math.Max(0, limit - Used) / shares.Values.Count(share => share.IsActive);
        var active = shares.Where(share => share.Value.IsActive)
            .Select(share => (Node: share.Key, Demand: DemandOf(share.Value, opening, spare), share.Value.Used))
            .OrderBy(share => share.Demand).ThenBy(share => share.Used).ThenBy(share => share.Node, StringComparer.Ordinal)
            .ToArray();
        var left = limit;
        long target = 0;
        for (var i = 0; i < active.Length; i++)
        {
            var part = Math.Min(active[i].Demand, left / (active.Length - i));
            left -= part;
            if (active[i].Node == node)
                target = part;
        }
        return target + left / active.Length;
    }

    private static long DemandOf(Share share, long opening, long spare) =>
        share.Wants ? long.MaxValue : share.Used + Math.Min(Math.Max(opening, share.Used / 4), spare);

    private sealed record Share
    {
        public long Given { get; init; }
        public long Before { get; init; }
        public long Used { get; init; }
        public bool Wants { get; init; }
        public DateTimeOffset At { get; init; }
        public bool IsActive => Used > 0 || Wants;
    }
}
