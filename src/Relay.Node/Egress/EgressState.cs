using System.Collections.Immutable;
using Relay.Node.Targets;

namespace Relay.Node.Egress;

/// <summary>
/// The egress in use: what the operator configured, and what is leased. Loops read a snapshot that leases replace as a
/// whole, from any thread.
/// </summary>
internal sealed class EgressState
{
    private readonly Lock _gate = new();
    private readonly EgressConfig _config;
    private readonly bool _needsLease;
    private readonly Action<IReadOnlyCollection<TargetRule>> _deny;
    private volatile EgressSnapshot _current;
    private EgressLease? _ipv4;
    private EgressLease? _ipv6;
    private ImmutableArray<EgressLease> _held = [];

    /// <summary>Begins without a lease.</summary>
    /// <param name="config">What the operator configured.</param>
    /// <param name="needsLease">
    /// Whether a lease is to come: without one and without a source of the operator's own, no target is reached.
    /// </param>
    /// <param name="deny">Denies the sources as targets; called before they are used.</param>
    /// <param name="clock">Counts while the machine is suspended, since other machines go on.</param>
    internal EgressState(
        EgressConfig config, bool needsLease, Action<IReadOnlyCollection<TargetRule>> deny, TimeProvider clock)
    {
        _config = config;
        _needsLease = needsLease;
        _deny = deny;
        Clock = clock;
        _current = Make(null, null, []);
    }

    /// <summary>The clock of leases.</summary>
    internal TimeProvider Clock { get; }

    /// <summary>What holds now.</summary>
    internal EgressSnapshot Current => _current;

    /// <summary>Whether there is no source at all, since a lease is still to come.</summary>
    internal bool IsMissing => _current.Policy.IsMissing;

    /// <summary>New tunnels use a lease from now on, and no longer the one of its family before.</summary>
    internal void Offer(EgressLease lease)
    {
        lock (_gate)
        {
            Use(
                lease.Prefix.IsIPv4 ? lease : _ipv4, lease.Prefix.IsIPv4 ? _ipv6 : lease,
                _held.Contains(lease) ? _held : _held.Add(lease));
        }
    }

    /// <summary>New tunnels do not use a lease any more; those that do go on, at most until its deadline.</summary>
    internal void Withdraw(EgressLease lease)
    {
        lock (_gate)
        {
            if (_ipv4 == lease || _ipv6 == lease)
                UseWithout(lease, _held);
        }
    }

    /// <summary>No tunnel uses a lease any more.</summary>
    internal void Drop(EgressLease lease)
    {
        lock (_gate)
            UseWithout(lease, _held.Remove(lease));
    }

    private void UseWithout(EgressLease lease, ImmutableArray<EgressLease> held) =>
        Use(_ipv4 == lease ? null : _ipv4, _ipv6 == lease ? null : _ipv6, held);

    private void Use(EgressLease? ipv4, EgressLease? ipv6, ImmutableArray<EgressLease> held)
    {
        // First what may fail for want of memory: what is noted is not done again.
        _current = Make(ipv4, ipv6, held);
        (_ipv4, _ipv6, _held) = (ipv4, ipv6, held);
    }

    private EgressSnapshot Make(EgressLease? ipv4, EgressLease? ipv6, ImmutableArray<EgressLease> held)
    {
        var config = _config with
        {
            PrefixIPv4 = ipv4?.Prefix ?? _config.PrefixIPv4,
            PrefixIPv6 = ipv6?.Prefix ?? _config.PrefixIPv6,
        };
        // Also what is only still used leads back to this machine.
        var all = config with { More = [.. held.Select(static lease => lease.Prefix)] };
        _deny([.. all.DenyTargets]);
        var isMissing = _needsLease && !config.HasIPv4Source && !config.HasIPv6Source;
        return new EgressSnapshot(new EgressPolicy(config, isMissing), held);
    }
}
