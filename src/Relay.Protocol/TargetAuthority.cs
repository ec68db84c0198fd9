using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;

namespace Relay.Protocol;

/// <summary>
/// Where a tunnel goes: a host, which is a name or an IP address, and a port (RFC 9110 §9.3.6, RFC 9298 §3).
/// </summary>
/// <remarks>
/// Names are ASCII letters, digits, hyphens, underscores and dots, at most 255 bytes, in lower case. A name whose last
/// label is a number is refused, since "127.1", "0x7f.1" and "2130706433" are addresses to some resolvers; an IPv4
/// address is four decimal octets without leading zeros, an IPv6 address has no zone identifier.
/// </remarks>
public readonly record struct TargetAuthority
{
    private readonly string? _host;

    /// <summary>A target of known parts.</summary>
    /// <param name="host">A name, an IPv4 address, or an IPv6 address without brackets.</param>
    /// <param name="port">1 to 65535.</param>
    /// <exception cref="ArgumentException">The host is none of these.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The port is out of its range.</exception>
    public TargetAuthority(string host, int port)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, ushort.MaxValue);
        if (!TryCreate(Encoding.UTF8.GetBytes(host), port, out this))
            throw new ArgumentException("Neither a host name nor an IP address.", nameof(host));
    }

    private TargetAuthority(string host, int port, IPAddress? address)
    {
        _host = host;
        Port = port;
        Address = address;
    }

    /// <summary>
    /// The name in lower case, or the text of <see cref="Address"/>, without brackets; empty only by default.
    /// </summary>
    public string Host => _host ?? "";

    /// <summary>1 to 65535; 0 only by default.</summary>
    public int Port { get; }

    /// <summary>The address when the host is one, else null.</summary>
    public IPAddress? Address { get; }

    /// <summary>Whether the host is an IP address, so that nothing has to be resolved.</summary>
    [MemberNotNullWhen(true, nameof(Address))]
    public bool IsIpLiteral => Address is not null;

    /// <summary>
    /// Reads the request target of CONNECT, <c>host:port</c> or <c>[IPv6]:port</c> (RFC 9110 §9.3.6).
    /// </summary>
    /// <param name="authority">The whole value of <c>:authority</c>.</param>
    /// <param name="target">The target; default when the result is false.</param>
    /// <returns>False when the value is malformed: no or a wrong port, user information, no valid host.</returns>
    public static bool TryParse(ReadOnlySpan<byte> authority, out TargetAuthority target)
    {
        target = default;

        // RFC 9110 §9.3.6: "A server MUST reject a CONNECT request that targets an empty or invalid port number".
        var colon = authority.LastIndexOf((byte)':');
        if (colon < 0 || !TargetHost.TryParsePort(authority[(colon + 1)..], out var port))
            return false;

        var host = authority[..colon];
        if (host is [(byte)'[', .., (byte)']'])
        {
            if (IpLiteral.ParseIPv6(host[1..^1]) is not { } address)
                return false;
            target = new TargetAuthority(address.ToString(), port, address);
            return true;
        }

        // Without brackets, what precedes the last colon could be a part of an address.
        return !host.Contains((byte)':') && TryCreate(host, port, out target);
    }

    /// <summary>Makes a target of parts received from a client.</summary>
    /// <param name="host">A name, an IPv4 address, or an IPv6 address without brackets; decoded.</param>
    /// <param name="port">1 to 65535.</param>
    /// <param name="target">The target; default when the result is false.</param>
    /// <returns>False when the host is none of these or the port is out of its range.</returns>
    public static bool TryCreate(ReadOnlySpan<byte> host, int port, out TargetAuthority target)
    {
        if (port is >= 1 and <= ushort.MaxValue && TargetHost.TryParse(host, out var text, out var address))
        {
            target = new TargetAuthority(text, port, address);
            return true;
        }

        target = default;
        return false;
    }

    /// <summary>The target as the authority of a CONNECT request, with brackets around an IPv6 address.</summary>
    public override string ToString() =>
        Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
