namespace Relay.Fleet.Contract;

/// <summary>
/// The times that a fleet agrees on. The defaults fit each other; <see cref="Faults"/> says when others do not.
/// </summary>
public sealed record FleetTimings
{
    /// <summary>Between two reports of a node.</summary>
    public TimeSpan ReportInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A node that has not reported for this long is silent: its sessions leave the directory.</summary>
    public TimeSpan NodeTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a granted block stays its holder's, on the grantor's clock, without being renewed.</summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>By how much the holder's deadline comes before the grantor's.</summary>
    public TimeSpan HolderMargin { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// By how much the clocks of two coordinators may differ. Only they compare wall clocks; nodes do not.
    /// </summary>
    public TimeSpan MaxClockSkew { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a block that was given back or has run out is kept from others: at least the longest idle timeout, so
    /// that no target still answers the last holder's tunnels.
    /// </summary>
    public TimeSpan Quarantine { get; init; } = TimeSpan.FromSeconds(600);

    /// <summary>How long a draining node still accepts, so that load balancers notice first.</summary>
    public TimeSpan LameTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a node that was drained and has gone away may take to come back before its place in the drains' budget
    /// is given to another; of a drain that waits for lost nodes, one that was lost while it drained as well.
    /// </summary>
    public TimeSpan ReturnTime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a silent node stays listed.</summary>
    public TimeSpan ForgetAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>What is wrong with these times, one sentence each; empty when they fit each other.</summary>
    public IEnumerable<string> Faults()
    {
        if (ReportInterval <= TimeSpan.Zero)
            yield return "the report interval is not above zero";
        if (NodeTimeout < 3 * ReportInterval)
            yield return "the node timeout is below three report intervals";
        if (HolderMargin <= MaxClockSkew)
            yield return "the holder's margin is not above the clock skew";
        if (LeaseTime - HolderMargin < 3 * ReportInterval)
            yield return "a lease leaves its holder less than three report intervals to renew it";
        if (Quarantine < TimeSpan.Zero || LameTime < TimeSpan.Zero)
            yield return "quarantine and lame time are not negative";
        if (NodeTimeout >= LeaseTime)
            yield return "the node timeout is not below the lease time";
        if (ReturnTime < NodeTimeout)
            yield return "a node may take less time to return than to fall silent";
        if (ForgetAfter < NodeTimeout)
            yield return "a node is forgotten before it is silent";
    }
}
