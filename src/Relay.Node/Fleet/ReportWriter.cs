using System.Collections.Immutable;
using System.Net;
using Relay.Fleet.Contract;
using Relay.Node.Options;
using Relay.Node.Targets;
using Relay.Node.Users;

namespace Relay.Node.Fleet;

/// <summary>Puts the node's reports together. Not thread-safe.</summary>
internal sealed class ReportWriter
{
    private readonly NodeConfig _config;
    private readonly INodeReadings _node;
    private readonly TimeProvider _clock;
    private readonly Guid _incarnation = Guid.NewGuid();
    private readonly DateTimeOffset _startedAt;
    private readonly string _version;
    private readonly ImmutableArray<string> _addresses;
    private readonly ImmutableArray<Prefix> _staticPrefixes;
    private Distribution _rtt = Distribution.Empty;
    private Distribution _tunnelSetup = Distribution.Empty;
    private long _sequence;

    /// <summary>Writes for one run of the process.</summary>
    public ReportWriter(NodeConfig config, INodeReadings node, string version, TimeProvider clock)
    {
        _config = config;
        _node = node;
        _clock = clock;
        _version = version;
        _startedAt = clock.GetUtcNow();
        _addresses = [.. config.Fleet.AdvertiseAddresses.IsEmpty
            ? node.Addresses.SelectMany(Reachable).Distinct().Take(MaxAddresses) : config.Fleet.AdvertiseAddresses];
        _staticPrefixes = [.. StaticPrefixes()];
    }

    /// <summary>Addresses that a report names at most.</summary>
    private const int MaxAddresses = 8;

    /// <summary>The next report.</summary>
    /// <param name="drain">Where the node is.</param>
    /// <param name="leases">Its leases.</param>
    /// <param name="sessions">Its sessions.</param>
    /// <param name="users">The fleet's users at it; null where it takes none.</param>
    public NodeReport Write(NodeDrain drain, LeaseHolder leases, SessionJournal sessions, UserHolder? users)
    {
        var reading = _node.Read();
        // What a report that was lost told is told again.
        _rtt += reading.Rtt;
        _tunnelSetup += reading.TunnelSetup;
        var notReady = leases.NotReady is { } why ? [Clip(why)] : (string[])[];
        return new NodeReport
        {
            Node = _config.Fleet.NodeId,
            Incarnation = _incarnation,
            Sequence = ++_sequence,
            State = drain.State == NodeState.Serving && notReady.Length > 0
                ? NodeState.Starting
                : drain.State,
            NotReady = notReady,
            Version = _version,
            StartedAt = _startedAt,
            Addresses = _addresses,
            Egress = [.. Egress(leases)],
            StaticPrefixes = _staticPrefixes,
            IsOpenRelay = _node.IsOpenRelay,
            Warnings =
            [
                .. _node.ReadWarnings(_clock.GetUtcNow()), .. leases.Warning is { } warning
                    ? [Clip(warning)]
                    : (string[])[],
                .. users?.Warnings.Select(Clip) ?? [],
            ],
            Capacity = new NodeCapacity
            {
                Workers = _config.Workers,
                MaxConnections = _config.MaxConnections,
                MaxTunnels = _config.MaxTunnels,
            },
            Load = reading.Load with { Sessions = sessions.Count },
            Totals = reading.Totals,
            Rtt = _rtt,
            TunnelSetup = _tunnelSetup,
            Pools = leases.Wanted,
            Leases = leases.Claims,
            Released = leases.Released,
            Drain = drain.Progress,
            Users = users?.Position,
        };
    }

    /// <summary>A report was answered.</summary>
    public void OnAnswered() => (_rtt, _tunnelSetup) = (Distribution.Empty, Distribution.Empty);

    private IEnumerable<string> Egress(LeaseHolder leases)
    {
        var egress = _config.Egress;
        foreach (var prefix in egress.Prefixes)
            yield return $"prefix {prefix}";
        foreach (var address in (IPAddress?[])[egress.FixedIPv4, egress.FixedIPv6])
        {
            if (address is not null)
                yield return $"fixed {address}";
        }
        var inUse = leases.InUse;
        foreach (var lease in inUse)
            yield return $"prefix {lease.Prefix} (pool {lease.Pool})";
        if (!egress.HasIPv4Source && !egress.HasIPv6Source && inUse.Count == 0)
            yield return _config.Fleet.Pools.IsEmpty ? "host" : "none";
        if (egress.Interface is { } name)
            yield return $"interface {name}";
    }

    private IEnumerable<Prefix> StaticPrefixes()
    {
        var egress = _config.Egress;
        Prefix?[] all =
        [
            egress.PrefixIPv4, egress.PrefixIPv6, Host(egress.FixedIPv4), Host(egress.FixedIPv6),
        ];
        return all.OfType<Prefix>();
    }

    /// <summary>
    /// As a report's texts may be, in length and without control characters: reasons of others are in it, of several
    /// lines when a storage failed, and a report that is refused for them would not renew the leases that there are.
    /// </summary>
    private static string Clip(string text)
    {
        var line = string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c));
        return line.Length <= MaxText ? line : line[..(MaxText - 1)] + "…";
    }

    private const int MaxText = 256;

    private static Prefix? Host(IPAddress? address) =>
        address is null ? null : Prefix.Host(AddressBits.Of(address));

    /// <summary>Where clients may reach what is bound: of a wildcard, at the machine's own addresses.</summary>
    private static IEnumerable<string> Reachable(IPEndPoint bound)
    {
        if (!bound.Address.Equals(IPAddress.Any) && !bound.Address.Equals(IPAddress.IPv6Any))
            return [bound.ToString()];
        return LocalAddresses.List()
            .Where(address => address.AddressFamily == bound.AddressFamily && !IPAddress.IsLoopback(address)
                && !address.IsIPv6LinkLocal)
            .Select(address => new IPEndPoint(address, bound.Port).ToString());
    }
}
