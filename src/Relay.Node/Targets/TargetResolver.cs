using System.Net;
using System.Net.Sockets;

namespace Relay.Node.Targets;

/// <summary>Looks a name up in one family.</summary>
/// <param name="host">The name.</param>
/// <param name="family">IPv4 or IPv6.</param>
/// <returns>Its addresses of that family, in the order in which to try them.</returns>
/// <exception cref="SocketException">In the task: the lookup failed.</exception>
/// <remarks>Must return its task at once.</remarks>
internal delegate Task<IPAddress[]> HostLookup(string host, AddressFamily family);

/// <summary>Resolution in each family apart: one whose answers never come takes nothing from the other.</summary>
internal sealed class TargetResolver : ITargetResolver
{
    private readonly FamilyResolver _ipv4;
    private readonly FamilyResolver _ipv6;

    /// <param name="lookup">How to look a name up, in production <see cref="SystemHostLookup"/>.</param>
    /// <param name="limits">What it may use in each family.</param>
    /// <param name="time">The clock of expiry and timeout.</param>
    public TargetResolver(HostLookup lookup, TargetResolverLimits limits, TimeProvider time)
    {
        _ipv4 = new FamilyResolver(host => lookup(host, AddressFamily.InterNetwork), limits, time);
        _ipv6 = new FamilyResolver(host => lookup(host, AddressFamily.InterNetworkV6), limits, time);
    }

    /// <summary>Lookups under way, hung ones included.</summary>
    public int LookupsInFlight => _ipv4.LookupsInFlight + _ipv6.LookupsInFlight;

    /// <inheritdoc/>
    public ValueTask<ResolveResult> ResolveAsync(
        string host, AddressFamily family, ulong source, CancellationToken cancellationToken) =>
        (family == AddressFamily.InterNetwork ? _ipv4 : _ipv6).ResolveAsync(host, source, cancellationToken);
}
