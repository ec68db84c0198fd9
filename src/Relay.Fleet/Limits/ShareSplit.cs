namespace Relay.Fleet.Limits;

/// <summary>
/// One of an identity's limits, divided among the nodes that it uses. A report costs about the same however many
/// these are.
/// </summary>
internal sealed class ShareSplit
{
    // Before a node is heard of it has to give what somebody opens at once, or it refuses what the limit allows: a phone has three
    // sessions, a page a dozen tunnels. Where this is the whole limit, it is the node's where somebody is.
    private const long SmallCount = 16;

    private static readonly TimeSpan ScanInterval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Share> _shares = new(StringComparer.Ordinal);
    private readonly bool _isCount;
    private long _reserved;
    private int _active;
    private long _dividedLimit = -1;
    private int _reportsSinceDivided;
    private DateTimeOffset _scannedAt = DateTimeOffset.MinValue;

    /// <summary>A limit of which nothing is used.</summary>
    /// <param name="isCount">
    /// Whether it is a number of things that stay when their node's share falls below it; otherwise a rate, which falls
    /// too.
    /// </param>
    public ShareSplit(bool isCount) => _isCount = isCount;

    /// <summary>No node uses any of it.</summary>
    public bool IsIdle => _shares.Count == 0;

    /// <summary>What is used, as far as nodes have said.</summary>
    public long Used { get; private set; }

    /// <summary>
    /// What a node may use that does not use any: half of the limit is there for such beginnings. Of a rate at least 1, of things that
    /// are counted at least 16, or all of a smaller limit.
    /// </summary>
    public static long Opening(long limit, int nodes, bool isCount) =>
        nodes <= 1 ? limit : Math.Min(limit, Math.Max(isCount ? SmallCount : 1, limit / (2L * nodes)));

    /// <summary>Takes what a node uses, and gives its share.</summary>
    public long Report(string node, long used, bool wants, long limit, int nodes, DateTimeOffset now)
    {
        var opening = Opening(limit, nodes, _isCount);
        if (!_shares.TryGetValue(node, out var share))
        {
            if (used == 0 && !wants)
                return _isCount && Used >= limit ? 0 : opening;
            _shares.Add(node, share = new Share(node) { Given = opening });
        }
        Leave(share);
        var wasActive = share.IsActive;
        (share.Before, share.Used, share.Wants, share.At) = (share.Given, used, wants, now);
        Enter(share);
        var isFull = _isCount && Used >= limit;
        if (!share.IsActive)
        {
            Give(share, isFull ? 0 : opening);
            // Nothing but the opening share, which every node has, was in force here: there is nothing to remember.
            if (share.Before <= opening)
                Forget(node);
            return share.Given;
        }
        // Who may have how much is divided anew for every eighth of the nodes that report; what is given is bounded by
        // what nobody else has in any case.
        if (!wasActive || limit != _dividedLimit || ++_reportsSinceDivided >= _active / 8)
            Divide(limit, opening);
        var room = limit - (_reserved - Reserved(share));
        // Of things, a node that begins gets no more than all others leave; a rate is never so little that nothing moves.
        var floor = _isCount
            ? Math.Max(isFull ? 0 : Math.Min(opening, limit - Used + used), Math.Min(used, share.Target))
            : opening;
        Give(share, Math.Min(Math.Max(share.Target, floor), Math.Max(room, floor)));
        return share.Given;
    }

    /// <summary>A node has nothing any more.</summary>
    public void Forget(string node)
    {
        if (_shares.Remove(node, out var share))
            Leave(share);
    }

    /// <summary>Forgets nodes that have not reported for a time.</summary>
    public void ForgetBefore(DateTimeOffset at)
    {
        if (_shares.Count == 0 || at - _scannedAt < ScanInterval)
            return;
        _scannedAt = at;
        foreach (var (node, share) in _shares)
        {
            if (share.At < at)
                Forget(node);
        }
    }

    // What a node may still be using: its share, the share before it until a further report shows that the answer to
    // the last one has arrived or was given up, and of things that stay, what there is.
    private long Reserved(Share share) => Math.Max(Math.Max(share.Given, share.Before), _isCount ? share.Used : 0);

    // Max-min fairness: who needs little gets what it needs and some of what is spare, the rest is divided evenly among
    // who wants more, and what nobody needs is spread over all.
    private void Divide(long limit, long opening)
    {
        (_dividedLimit, _reportsSinceDivided) = (limit, 0);
        var spare = Math.Max(0, limit - Used) / _active;
        foreach (var share in _shares.Values)
            share.Demand = share.Wants
                ? long.MaxValue
                : share.Used + Math.Min(Math.Max(opening, share.Used / 4), spare);
        var order = _shares.Values.Where(share => share.IsActive)
            .OrderBy(share => share.Demand).ThenBy(share => share.Used)
            .ThenBy(share => share.Node, StringComparer.Ordinal)
            .ToArray();
        var left = limit;
        for (var i = 0; i < order.Length; i++)
        {
            order[i].Target = Math.Min(order[i].Demand, left / (order.Length - i));
            left -= order[i].Target;
        }
        foreach (var share in order)
            share.Target += left / order.Length;
    }

    private void Give(Share share, long given)
    {
        Leave(share);
        share.Given = given;
        Enter(share);
    }

    // The sums over all shares are kept by taking a share out before it changes, and putting it in again after.
    private void Leave(Share share)
    {
        if (!share.IsCounted)
            return;
        share.IsCounted = false;
        Used -= share.Used;
        _reserved -= Reserved(share);
        _active -= share.IsActive ? 1 : 0;
    }

    private void Enter(Share share)
    {
        share.IsCounted = true;
        Used += share.Used;
        _reserved += Reserved(share);
        _active += share.IsActive ? 1 : 0;
    }

    private sealed class Share(string node)
    {
        public string Node => node;
        public long Given { get; set; }
        public long Before { get; set; }
        public long Used { get; set; }
        public bool Wants { get; set; }
        public long Demand { get; set; }
        public long Target { get; set; }
        public DateTimeOffset At { get; set; }
        public bool IsCounted { get; set; }
        public bool IsActive => Used > 0 || Wants;
    }
}
