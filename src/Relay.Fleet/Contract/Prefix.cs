using System.Net;
using System.Text.Json.Serialization;

namespace Relay.Fleet.Contract;

/// <summary>
/// A CIDR block of IPv4 or IPv6 addresses, without host bits. Written <c>2001:db8::/32</c>, in JSON as well.
/// </summary>
[JsonConverter(typeof(PrefixJsonConverter))]
public readonly partial record struct Prefix : IComparable<Prefix>
{
    /// <summary>A block.</summary>
    /// <param name="network">The first address; bits beyond <paramref name="length"/> must be zero.</param>
    /// <param name="length">Bits that are fixed: 0–32 for IPv4, 0–128 for IPv6.</param>
    /// <exception cref="ArgumentException">The length is out of range, or host bits are set.</exception>
    public Prefix(AddressBits network, int length)
    {
        if (length < 0 || length > network.Width)
            throw new ArgumentException($"prefix length {length} is not in 0–{network.Width}", nameof(length));
        Network = network;
        Length = length;
        if ((network.Value & HostMask) != 0)
            throw new ArgumentException($"host bits are set beyond /{length}", nameof(network));
    }

    /// <summary>The block of one address.</summary>
    public static Prefix Host(AddressBits address) => new(address, address.Width);

    /// <summary>The first address.</summary>
    public AddressBits Network { get; }

    /// <summary>Bits of the network part: 0 to 32 or 128.</summary>
    public int Length { get; }

    /// <summary>Whether the addresses are IPv4's.</summary>
    public bool IsIPv4 => Network.IsIPv4;

    /// <summary>The bits of an address that are not fixed, as ones.</summary>
    public UInt128 HostMask => HostMaskOf(Network.Width - Length);

    private static UInt128 HostMaskOf(int hostBits) =>
        hostBits < 128 ? (UInt128.One << hostBits) - 1 : UInt128.MaxValue;

    /// <summary>The <paramref name="index"/>th block of <paramref name="blockLength"/> bits within this one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such block.</exception>
    public Prefix Block(UInt128 index, int blockLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockLength, Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(blockLength, Network.Width);
        if (blockLength - Length < 128)
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, UInt128.One << (blockLength - Length));
        var shift = Network.Width - blockLength;
        return new Prefix(
            Network with { Value = Network.Value | (shift == 128 ? UInt128.Zero : index << shift) }, blockLength);
    }

    /// <summary>Whether an address, of the same family, is in it. Never allocates.</summary>
    public bool Contains(AddressBits address) =>
        address.IsIPv4 == IsIPv4 && (address.Value & ~HostMask) == Network.Value;

    /// <inheritdoc cref="Contains(AddressBits)"/>
    public bool Contains(IPAddress address) => Contains(AddressBits.Of(address));

    /// <summary>Whether all of another block is in it.</summary>
    public bool Contains(Prefix other) => other.Length >= Length && Contains(other.Network);

    /// <summary>Whether the two have an address in common.</summary>
    public bool Overlaps(Prefix other) => Contains(other) || other.Contains(this);

    /// <summary>
    /// Which of this one's blocks of a length another prefix is within, or covers, or overlaps none: first and last.
    /// </summary>
    internal (long First, long Last)? BlocksWithin(Prefix other, int blockLength)
    {
        if (!Overlaps(other))
            return null;
        var blocks = 1L << (blockLength - Length);
        if (other.Length <= Length)
            return (0, blocks - 1);
        var first = (long)((other.Network.Value - Network.Value) >> (Network.Width - blockLength));
        return (first, other.Length >= blockLength ? first : first + (1L << (blockLength - other.Length)) - 1);
    }

    /// <summary>IPv4 before IPv6, then by the first address, then the larger block.</summary>
    public int CompareTo(Prefix other) =>
        (!IsIPv4, Network.Value, Length).CompareTo((!other.IsIPv4, other.Network.Value, other.Length));

    /// <summary>Earlier in the order of addresses.</summary>
    public static bool operator <(Prefix left, Prefix right) => left.CompareTo(right) < 0;

    /// <summary>Later in the order of addresses.</summary>
    public static bool operator >(Prefix left, Prefix right) => left.CompareTo(right) > 0;

    /// <summary>Not later in the order of addresses.</summary>
    public static bool operator <=(Prefix left, Prefix right) => left.CompareTo(right) <= 0;

    /// <summary>Not earlier in the order of addresses.</summary>
    public static bool operator >=(Prefix left, Prefix right) => left.CompareTo(right) >= 0;
}
