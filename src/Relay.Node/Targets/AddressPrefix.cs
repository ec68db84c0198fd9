using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Relay.Node.Targets;

/// <summary>A CIDR block of IPv4 or IPv6 addresses.</summary>
internal readonly record struct AddressPrefix
{
    private readonly UInt128 _mask;

    /// <summary>A block.</summary>
    /// <param name="network">The first address; bits beyond <paramref name="length"/> must be zero.</param>
    /// <param name="length">Bits that are fixed: 0–32 for IPv4, 0–128 for IPv6.</param>
    /// <exception cref="ArgumentException">The length is out of range, or host bits are set.</exception>
    public AddressPrefix(AddressBits network, int length)
    {
        if (length < 0 || length > network.Width)
            throw new ArgumentException($"prefix length {length} is not in 0–{network.Width}", nameof(length));
        UInt128 all = network.IsIPv4 ? uint.MaxValue : UInt128.MaxValue;
        _mask = length == 0 ? UInt128.Zero : all & (all << (network.Width - length));
        if ((network.Value & ~_mask) != 0)
            throw new ArgumentException($"host bits are set beyond /{length}", nameof(network));
        Network = network;
        Length = length;
    }

    /// <summary>The first address.</summary>
    public AddressBits Network { get; }

    /// <summary>Bits that are fixed.</summary>
    public int Length { get; }

    /// <summary>Whether an address, of the same family, lies in the block.</summary>
    public bool Contains(AddressBits address) =>
        address.IsIPv4 == Network.IsIPv4 && (address.Value & _mask) == Network.Value;

    /// <summary>The block of one address.</summary>
    public static AddressPrefix Host(AddressBits address) => new(address, address.Width);

    /// <summary>A block from text that is known to be well formed.</summary>
    /// <exception cref="FormatException">It is not.</exception>
    public static AddressPrefix Parse(string text) =>
        TryParse(text, out var prefix, out string? error) ? prefix : throw new FormatException(error);

    /// <summary>Reads <c>ADDRESS[/LENGTH]</c>; without a length, the block is that address alone.</summary>
    /// <param name="text">Canonical IPv4 (four decimal numbers) or any text form of IPv6 (RFC 4291 §2.2). Blocks of
    /// IPv4-mapped addresses become IPv4 blocks, as such addresses are judged as IPv4.</param>
    /// <param name="prefix">The block.</param>
    /// <param name="error">Otherwise, the offending text and what is wrong with it.</param>
    public static bool TryParse(
        ReadOnlySpan<char> text, out AddressPrefix prefix, [NotNullWhen(false)] out string? error)
    {
        prefix = default;
        int slash = text.IndexOf('/');
        var addressText = slash < 0 ? text : text[..slash];
        if (!TryParseAddress(addressText, out var address))
        {
            error = $"'{addressText}' is not an IPv4 or IPv6 address";
            return false;
        }

        int width = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        int length = width;
        var lengthText = text[(slash + 1)..];
        if (slash >= 0 && (length = ParseLength(lengthText)) > width)
        {
            error = $"'{lengthText}' is not a prefix length in 0–{width}";
            return false;
        }

        if (address.IsIPv4MappedToIPv6 && length >= 96)
            length -= 96;
        else if (address.IsIPv4MappedToIPv6)
        {
            error = $"'{text}' mixes IPv4-mapped and other addresses: its prefix length is below 96";
            return false;
        }

        var bits = AddressBits.Of(address);
        var masked = length == 0 ? UInt128.Zero : bits.Value >> (bits.Width - length) << (bits.Width - length);
        if (masked != bits.Value)
        {
            var network = new AddressPrefix(bits with { Value = masked }, length);
            error = $"'{text}' has bits set beyond its prefix length: did you mean {network}?";
            return false;
        }

        prefix = new AddressPrefix(bits, length);
        error = null;
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Network.ToIPAddress()}/{Length}";

    private static int ParseLength(ReadOnlySpan<char> text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int length) ? length : int.MaxValue;

    // The framework also reads 10.1, 0x0a000001 and 010.0.0.1 (octal), which a reader may take for something else.
    private static bool TryParseAddress(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address)
        && !text.ContainsAny('%', '[', ']')
        && (address.AddressFamily != AddressFamily.InterNetwork || text.SequenceEqual(address.ToString()));
}
