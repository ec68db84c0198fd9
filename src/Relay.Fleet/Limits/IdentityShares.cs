namespace Relay.Fleet;

/// <summary>
/// Divides one identity's fleet-wide limit among the nodes that it uses, by what they use and want. Nodes that it does not
/// use keep a small opening share, so that it can begin anywhere at once.
/// </summary>
/// <remarks>
/// The bound: with <c>n</c> nodes and a limit <c>L</c>, the allowances in force never sum to more than
/// <c>L + max(n, L/2)</c> (an opening share is <c>max(1, L/2n)</c>; the shares of nodes in use sum to at most <c>L</c>),
/// as long as every directive arrives; a directive that is lost leaves its node with what it had for one more report.
/// </remarks>
public sealed class IdentityShares
{
    /// <summary>An identity that uses nothing.</summary>
    public IdentityShares(FleetTimings timings) => throw new NotImplementedException();

    /// <summary>Nothing is used or promised any more.</summary>
    public bool IsIdle => throw new NotImplementedException();

    /// <summary>What all nodes use, as far as they have said.</summary>
    public IdentityLimit Used => throw new NotImplementedException();

    /// <summary>Takes what a node uses, and gives its share.</summary>
    /// <param name="node">The node.</param>
    /// <param name="usage">What it uses; null for nothing.</param>
    /// <param name="limit">The fleet-wide limit.</param>
    /// <param name="nodes">How many nodes are heard of.</param>
    /// <param name="now">The coordinator's clock.</param>
    public IdentityLimit Report(string node, IdentityUsage? usage, IdentityLimit limit, int nodes, DateTimeOffset now) =>
        throw new NotImplementedException();

    /// <summary>A node is silent or gone: what it had is for others.</summary>
    public void Forget(string node) => throw new NotImplementedException();

    /// <summary>What an identity that is not known to use anything may use on any one node.</summary>
    public static IdentityLimit Opening(IdentityLimit limit, int nodes) => throw new NotImplementedException();
}
