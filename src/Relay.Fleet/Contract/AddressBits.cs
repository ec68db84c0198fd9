using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Relay.Fleet.Contract;

/// <summary>An IP address as a number, in network order: 32 bits of IPv4 or 128 of IPv6.</summary>
/// <param name="IsIPv4">Which of the two; an IPv4-mapped IPv6 address counts as IPv4.</param>
/// <param name="Value">The number; at most 2^32 − 1 for IPv4.</param>
public readonly record struct AddressBits(bool IsIPv4, UInt128 Value)
{
    /// <summary>The width of an address of this family, in bits.</summary>
    public int Width => IsIPv4 ? 32 : 128;

    /// <summary>An IPv4 address from its 32 bits.</summary>
    public static AddressBits IPv4(uint value) => new(true, value);

    /// <summary>The number of an address; the scope of a link-local one is left out. Never allocates.</summary>
    public static AddressBits Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int written);
        if (address.AddressFamily == AddressFamily.InterNetwork)
            return IPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes[..written]));

        // RFC 4291 §2.5.5.2: the kernel sends to ::ffff:a.b.c.d as IPv4, so it is judged as IPv4.
        return address.IsIPv4MappedToIPv6
            ? IPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]))
            : new(false, BinaryPrimitives.ReadUInt128BigEndian(bytes));
    }

    /// <summary>The address as the framework has it.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);
        return new IPAddress(IsIPv4 ? bytes[12..] : bytes);
    }
}
