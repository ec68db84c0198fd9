using System.Net;
using Relay.Fleet.Contract;

namespace Relay.Node.Egress;

/// <summary>A prefix that the node may use for a time. Loops look at the deadline themselves, each turn.</summary>
/// <param name="prefix">The prefix.</param>
/// <param name="deadline">When it must no longer be used, on the clock of <see cref="EgressState"/>.</param>
internal sealed class EgressLease(Prefix prefix, long deadline)
{
    private long _deadline = deadline;

    public Prefix Prefix { get; } = prefix;

    /// <summary>
    /// When it must no longer be used, on the clock of <see cref="EgressState"/>. A renewal moves it.
    /// </summary>
    public long Deadline
    {
        get => Volatile.Read(ref _deadline);
        set => Volatile.Write(ref _deadline, value);
    }

    public bool Contains(IPAddress address) => Prefix.Contains(address);
}
