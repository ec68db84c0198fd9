using Relay.Fleet.Contract;

namespace Relay.Node.Targets;

/// <summary>IPv4 addresses inside IPv6 addresses: where a packet goes in the end if a translator or a tunnel router
/// takes it.</summary>
/// <remarks>IPv4-mapped addresses are no case of this: <see cref="AddressBits.Of"/> makes them IPv4.</remarks>
internal static class EmbeddedIPv4
{
    /// <summary>The most addresses that <see cref="Extract"/> finds in one.</summary>
    public const int MaxCount = 4;

    private static readonly Prefix Compatible = Prefix.Parse("::/96");
    private static readonly Prefix Translated = Prefix.Parse("::ffff:0:0:0/96");
    private static readonly Prefix Nat64WellKnown = Prefix.Parse("64:ff9b::/96");
    private static readonly Prefix Nat64LocalUse = Prefix.Parse("64:ff9b:1::/48");
    private static readonly Prefix Teredo = Prefix.Parse("2001::/32");
    private static readonly Prefix SixToFour = Prefix.Parse("2002::/16");

    /// <summary>Finds the IPv4 addresses that an IPv6 address may stand for.</summary>
    /// <param name="address">The IPv6 address.</param>
    /// <param name="prefixLength">The length, in bits, of the prefix by which an operator named the range. For a
    /// local-use NAT64 prefix it tells the layout (RFC 6052 §2.2); an ambiguous length yields all layouts.</param>
    /// <param name="found">Receives the addresses; at least <see cref="MaxCount"/> long.</param>
    /// <returns>How many there are, 0 for an address that carries none.</returns>
    public static int Extract(AddressBits address, int prefixLength, Span<uint> found)
    {
        var value = address.Value;
        if (address.IsIPv4 || value <= 1) // :: and ::1 carry nothing
            return 0;
        if (Compatible.Contains(address) || Translated.Contains(address) || Nat64WellKnown.Contains(address))
            return One(Bits(value, 96), found);
        if (SixToFour.Contains(address))
            return One(Bits(value, 16), found); // RFC 3056 §2: 2002:V4ADDR::/48
        if (Nat64LocalUse.Contains(address))
            return ExtractLocalUse(value, prefixLength, found);
        if (Teredo.Contains(address))
        {
            // RFC 4380 §4: server, flags, port, and the client's address with all bits inverted.
            found[0] = Bits(value, 32);
            found[1] = ~Bits(value, 96);
            return 2;
        }

        return IsIsatap(address) ? One(Bits(value, 96), found) : 0;
    }

    /// <summary>Whether the interface identifier is <c>[02]00:5efe:a.b.c.d</c> (RFC 5214 §6.1).</summary>
    public static bool IsIsatap(AddressBits address) =>
        !address.IsIPv4 && (Bits(address.Value, 64) & 0xfdff_ffff) == 0x0000_5efe;

    // RFC 6052 §2.2: the address follows the prefix and steps over bits 64–71; what comes after it is ignored, so the
    // address alone does not tell which layout the translator reads.
    private static int ExtractLocalUse(UInt128 value, int prefixLength, Span<uint> found)
    {
        uint at48 = Bits(value, 48) & 0xffff_0000 | Bits(value, 72) >> 16;
        uint at56 = Bits(value, 56) & 0xff00_0000 | Bits(value, 72) >> 8;
        uint at64 = Bits(value, 72);
        uint at96 = Bits(value, 96);
        switch (prefixLength)
        {
            case 48: return One(at48, found);
            case 56: return One(at56, found);
            case 64: return One(at64, found);
            case >= 96: return One(at96, found);
            default:
                (found[0], found[1], found[2], found[3]) = (at48, at56, at64, at96);
                return 4;
        }
    }

    private static int One(uint address, Span<uint> found)
    {
        found[0] = address;
        return 1;
    }

    // 32 bits from an offset counted from the most significant bit.
    private static uint Bits(UInt128 value, int offset) => (uint)(value >> (96 - offset) & uint.MaxValue);
}
