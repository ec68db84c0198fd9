using Relay.Fleet.Contract;

namespace Relay.Fleet.Limits;

/// <summary>
/// Divides one identity's fleet-wide limit among the nodes that it uses, by what they use and want. Nodes that it does
/// not use keep an opening share, so that it can begin anywhere at once: all of a limit of up to 16 sessions or tunnels.
/// </summary>
/// <remarks>
/// The bound: with <c>n</c> nodes and a limit <c>L</c>, what nodes may use and what they use never sum to more than
/// <c>L + (n - 1) &#183; o</c>, where the opening share <c>o</c> is <c>max(16, L/2n)</c> of things that are counted (sessions,
/// tunnels), <c>max(1, L/2n)</c> of a rate, and never more than <c>L</c>. Beyond opening shares nothing is given but what nobody else
/// has. That holds as long as directives arrive; one that is lost leaves its node with what it had for one more
/// report, and a node that is silent with what it had until it is heard of again. Once the things of a limit are used up, no node that
/// has none of them gets any.
/// </remarks>
public sealed class IdentityShares
{
    private readonly ShareSplit _sessions = new(isCount: true);
    private readonly ShareSplit _tunnels = new(isCount: true);
    private readonly ShareSplit _bytes = new(isCount: false);
    private readonly TimeSpan _timeout;

    /// <summary>An identity that uses nothing.</summary>
    public IdentityShares(string identity, FleetTimings timings) =>
        (Identity, _timeout) = (identity, timings.NodeTimeout);

    /// <summary>Whose limit it is.</summary>
    public string Identity { get; }

    /// <summary>Nothing is used, and nothing promised but the opening shares.</summary>
    public bool IsIdle => _sessions.IsIdle && _tunnels.IsIdle && _bytes.IsIdle;

    /// <summary>What all nodes use, as far as they have said.</summary>
    public IdentityUsage Used => new(Identity, _sessions.Used, _tunnels.Used, _bytes.Used);

    /// <summary>Takes what a node uses, and gives its share.</summary>
    /// <param name="node">The node.</param>
    /// <param name="usage">What it uses; null for nothing.</param>
    /// <param name="limit">The fleet-wide limit.</param>
    /// <param name="nodes">How many nodes are heard of, this one included.</param>
    /// <param name="now">The coordinator's clock.</param>
    public IdentityLimit Report(string node, IdentityUsage? usage, IdentityLimit limit, int nodes, DateTimeOffset now)
    {
        long? Share(ShareSplit split, long? most, long used)
        {
            split.ForgetBefore(now - _timeout);
            if (most is { } number)
                return split.Report(node, used, usage?.Wants ?? false, number, nodes, now);
            split.Forget(node);
            return null;
        }

        return new IdentityLimit
        {
            Sessions = Share(_sessions, limit.Sessions, usage?.Sessions ?? 0),
            Tunnels = Share(_tunnels, limit.Tunnels, usage?.Tunnels ?? 0),
            BytesPerSecond = Share(_bytes, limit.BytesPerSecond, usage?.BytesPerSecond ?? 0),
        };
    }

    /// <summary>A node is silent or gone: what it had is for others.</summary>
    public void Forget(string node)
    {
        _sessions.Forget(node);
        _tunnels.Forget(node);
        _bytes.Forget(node);
    }

    /// <summary>Whether a node that uses nothing gets nothing: the things of a limit are used up elsewhere.</summary>
    public bool IsUsedUp(IdentityLimit limit) => _sessions.Used >= limit.Sessions || _tunnels.Used >= limit.Tunnels;

    /// <summary>What an identity that is not known to use anything may use on any one node.</summary>
    public static IdentityLimit Opening(IdentityLimit limit, int nodes) => new()
    {
        Sessions = limit.Sessions is { } most ? ShareSplit.Opening(most, nodes, isCount: true) : null,
        Tunnels = limit.Tunnels is { } tunnels ? ShareSplit.Opening(tunnels, nodes, isCount: true) : null,
        BytesPerSecond = limit.BytesPerSecond is { } bytes ? ShareSplit.Opening(bytes, nodes, isCount: false) : null,
    };
}
