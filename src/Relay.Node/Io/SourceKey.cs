using System.Buffers.Binary;
using Relay.Native.Linux;

namespace Relay.Node.Io;

/// <summary>Whom limits count as one: an IPv4 address, or an IPv6 /64, which is one subscriber.</summary>
internal static class SourceKey
{
    /// <summary>The number of an address's source.</summary>
    internal static ulong Of(in SocketEndpoint remote)
    {
        Span<byte> address = stackalloc byte[16];
        var length = remote.WriteAddressBytes(address);
        // The first byte of ff00::/8, multicast, which nothing comes from: no IPv6 prefix shares the number.
        return length == 4
            ? ((ulong)BitConverter.ToUInt32(address) << 8) | 0xFF
            : BinaryPrimitives.ReadUInt64LittleEndian(address);
    }

    /// <summary>The source's IPv6 /48, which is one site's as a rule; an IPv4 address is its own.</summary>
    internal static ulong SiteOf(ulong source) => source & 0xFFFF_FFFF_FFFF;
}
