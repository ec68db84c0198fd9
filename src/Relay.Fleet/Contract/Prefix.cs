using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Relay.Fleet.Contract;

/// <summary>
/// A CIDR block of IPv4 or IPv6 addresses, without host bits. Written <c>2001:db8::/32</c>, in JSON as well.
/// </summary>
[JsonConverter(typeof(PrefixJsonConverter))]
public readonly record struct Prefix : IComparable<Prefix>
{
    private Prefix(IPNetwork network) => Network = network;

    /// <summary>The block.</summary>
    public IPNetwork Network { get; }

    /// <summary>Bits of the network part: 0 to 32 or 128.</summary>
    public int Length => Network.PrefixLength;

    /// <summary>Whether the addresses are IPv4's.</summary>
    public bool IsIPv4 => Network.BaseAddress.AddressFamily == AddressFamily.InterNetwork;

    /// <summary>Bits of an address: 32 or 128.</summary>
    public int Width => IsIPv4 ? 32 : 128;

    /// <summary>
    /// Reads <c>ADDR/LENGTH</c>; host bits that are not zero, an IPv4-mapped address and a scope are errors.
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Prefix prefix)
    {
        // IPNetwork clears host bits that are set; whoever wrote them may have meant another block.
        if (IPNetwork.TryParse(text, out var network) && !network.BaseAddress.IsIPv4MappedToIPv6
            && !text!.Contains('%', StringComparison.Ordinal)
            && IPAddress.TryParse(text.AsSpan(0, text.IndexOf('/', StringComparison.Ordinal)), out var address)
            && address.Equals(network.BaseAddress))
        {
            prefix = new Prefix(network);
            return true;
        }
        prefix = default;
        return false;
    }

    /// <summary>Reads <c>ADDR/LENGTH</c>.</summary>
    /// <exception cref="FormatException">It is not a prefix.</exception>
    public static Prefix Parse(string text) =>
        TryParse(text, out var prefix) ? prefix : throw new FormatException($"'{text}' is not an address prefix");

    /// <summary>The <paramref name="index"/>th block of <paramref name="blockLength"/> bits within this one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such block.</exception>
    public Prefix Block(UInt128 index, int blockLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockLength, Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(blockLength, Width);
        if (blockLength - Length < 128)
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, UInt128.One << (blockLength - Length));
        var shift = Width - blockLength;
        var address = First | (shift == 128 ? UInt128.Zero : index << shift);
        return new Prefix(new IPNetwork(ToAddress(address), blockLength));
    }

    /// <summary>Whether an address is in it.</summary>
    public bool Contains(IPAddress address) => Network.Contains(address);

    /// <summary>Whether all of another block is in it.</summary>
    public bool Contains(Prefix other) =>
        IsIPv4 == other.IsIPv4 && other.Length >= Length && Network.Contains(other.Network.BaseAddress);

    /// <summary>Whether the two have an address in common.</summary>
    public bool Overlaps(Prefix other) => Contains(other) || other.Contains(this);

    /// <inheritdoc/>
    public int CompareTo(Prefix other) => (IsIPv4, other.IsIPv4) switch
    {
        (true, false) => -1,
        (false, true) => 1,
        _ => First.CompareTo(other.First) is not 0 and var order ? order : Length.CompareTo(other.Length),
    };

    /// <summary>The block as <c>ADDR/LENGTH</c>.</summary>
    public override string ToString() => Network.ToString();

    /// <summary>The first address as a number.</summary>
    internal UInt128 First
    {
        get
        {
            UInt128 value = 0;
            foreach (var part in Network.BaseAddress.GetAddressBytes())
                value = (value << 8) | part;
            return value;
        }
    }

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
        var first = (long)((other.First - First) >> (Width - blockLength));
        return (first, other.Length >= blockLength ? first : first + (1L << (blockLength - other.Length)) - 1);
    }

    private IPAddress ToAddress(UInt128 value)
    {
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        return new IPAddress(IsIPv4 ? bytes[12..] : bytes);
    }

    /// <summary>Earlier in the order of addresses.</summary>
    public static bool operator <(Prefix left, Prefix right) => left.CompareTo(right) < 0;

    /// <summary>Later in the order of addresses.</summary>
    public static bool operator >(Prefix left, Prefix right) => left.CompareTo(right) > 0;

    /// <summary>Not later in the order of addresses.</summary>
    public static bool operator <=(Prefix left, Prefix right) => left.CompareTo(right) <= 0;

    /// <summary>Not earlier in the order of addresses.</summary>
    public static bool operator >=(Prefix left, Prefix right) => left.CompareTo(right) >= 0;
}

/// <summary>Writes a <see cref="Prefix"/> as <c>ADDR/LENGTH</c>.</summary>
public sealed class PrefixJsonConverter : JsonConverter<Prefix>
{
    /// <inheritdoc/>
    public override Prefix Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Prefix.TryParse(reader.GetString(), out var prefix)
            ? prefix
            : throw new JsonException("an address prefix is wanted, such as 2001:db8::/64");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Prefix value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
