using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using Relay.Fleet.Contract;

namespace Relay.Node.Egress;

/// <summary>Chooses an address of a prefix, every one with the same probability.</summary>
internal static class EgressSelector
{
    /// <summary>The longest IPv4 prefix that has a network and a broadcast address (RFC 3021).</summary>
    private const int LongestWithBroadcast = 30;

    /// <summary>An address that a host may have: of IPv4, not the network's and not the broadcast address.</summary>
    internal static IPAddress Choose(Prefix prefix)
    {
        // The bits of the host part are random as they come, so no address is favoured; what must not be chosen is
        // drawn again.
        while (true)
        {
            var candidate = Draw(prefix);
            if (IsHost(prefix, candidate))
                return candidate.ToIPAddress();
        }
    }

    /// <summary>Whether a host may have an address of the prefix.</summary>
    internal static bool IsHost(Prefix prefix, AddressBits address)
    {
        if (!prefix.Contains(address))
            return false;
        if (!prefix.IsIPv4 || prefix.Length > LongestWithBroadcast)
            return true;
        var host = address.Value & prefix.HostMask;
        return host != UInt128.Zero && host != prefix.HostMask;
    }

    private static AddressBits Draw(Prefix prefix)
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        var random = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return prefix.Network with { Value = prefix.Network.Value | (random & prefix.HostMask) };
    }
}
