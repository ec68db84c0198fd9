using System.Collections.Frozen;
using System.Net;
using Relay.Fleet.Contract;

namespace Relay.Node.Targets;

/// <summary>
/// The endpoints on which this node listens, as a target would reach them, and the machine's addresses.
/// </summary>
internal sealed class OwnEndpoints
{
    private static readonly Prefix LoopbackIPv4 = Prefix.Parse("127.0.0.0/8");
    private static readonly Prefix AnyIPv4 = Prefix.Parse("0.0.0.0/32");
    private static readonly Prefix LoopbackIPv6 = Prefix.Parse("::1/128");
    private static readonly Prefix AnyIPv6 = Prefix.Parse("::/128");

    private readonly (Prefix Prefix, int Port)[] _endpoints;
    private readonly FrozenSet<AddressBits> _addresses;

    /// <summary>Expands wildcards.</summary>
    /// <param name="listening">Bound endpoints; an IPv6 wildcard is IPv6 only.</param>
    /// <param name="localAddresses">The addresses of this machine's interfaces.</param>
    public OwnEndpoints(IReadOnlyCollection<IPEndPoint> listening, IReadOnlyCollection<IPAddress> localAddresses)
    {
        _addresses = localAddresses.Select(AddressBits.Of).ToFrozenSet();
        var locals = localAddresses.Select(AddressBits.Of).Select(Prefix.Host).ToArray();
        _endpoints = [.. listening
            .SelectMany(endpoint => Reach(AddressBits.Of(endpoint.Address), locals).Select(p => (p, endpoint.Port)))
            .Distinct()];
    }

    /// <summary>Whether a target is one of them. Never allocates.</summary>
    public bool Contains(AddressBits address, int port)
    {
        foreach (ref readonly var endpoint in _endpoints.AsSpan())
        {
            if (endpoint.Port == port && endpoint.Prefix.Contains(address))
                return true;
        }

        return false;
    }

    /// <summary>Whether an address is one of the machine's. Never allocates.</summary>
    public bool IsLocal(AddressBits address) => _addresses.Contains(address);

    // Linux connects to the unspecified address by way of loopback.
    private static IEnumerable<Prefix> Reach(AddressBits bound, Prefix[] locals)
    {
        var any = bound.IsIPv4 ? AnyIPv4 : AnyIPv6;
        var loopback = bound.IsIPv4 ? LoopbackIPv4 : LoopbackIPv6;
        if (any.Contains(bound))
            return [any, loopback, .. locals.Where(local => local.IsIPv4 == bound.IsIPv4)];
        return loopback.Contains(bound) ? [any, Prefix.Host(bound)] : [Prefix.Host(bound)];
    }
}
