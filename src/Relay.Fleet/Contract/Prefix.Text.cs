using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Relay.Fleet.Contract;

public readonly partial record struct Prefix
{
    /// <summary>
    /// Reads <c>ADDR/LENGTH</c>; host bits that are not zero, an IPv4-mapped address and a scope are errors.
    /// </summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Prefix prefix)
    {
        if (text is not null && text.Contains('/', StringComparison.Ordinal)
            && TryParseAddressOrBlock(text, out prefix, out _)
            && !(prefix.IsIPv4 && text.Contains(':', StringComparison.Ordinal)))
            return true;
        prefix = default;
        return false;
    }

    /// <summary>Reads <c>ADDR/LENGTH</c>.</summary>
    /// <exception cref="FormatException">It is not a prefix.</exception>
    public static Prefix Parse(string text) =>
        TryParse(text, out var prefix) ? prefix : throw new FormatException($"'{text}' is not an address prefix");

    /// <summary>Reads <c>ADDRESS[/LENGTH]</c>; without a length, the block is that address alone.</summary>
    /// <param name="text">Canonical IPv4 (four decimal numbers) or any text form of IPv6 (RFC 4291 §2.2). Blocks of
    /// IPv4-mapped addresses become IPv4 blocks, as such addresses are judged as IPv4.</param>
    /// <param name="prefix">The block.</param>
    /// <param name="error">Otherwise, the offending text and what is wrong with it.</param>
    public static bool TryParseAddressOrBlock(
        ReadOnlySpan<char> text, out Prefix prefix, [NotNullWhen(false)] out string? error)
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
        var masked = bits.Value & ~HostMaskOf(bits.Width - length);
        prefix = new Prefix(bits with { Value = masked }, length);
        error = masked == bits.Value
            ? null : $"'{text}' has bits set beyond its prefix length: did you mean {prefix}?";
        return error is null;
    }

    /// <summary>The block as <c>ADDR/LENGTH</c>.</summary>
    public override string ToString() => $"{Network.ToIPAddress()}/{Length}";

    private static int ParseLength(ReadOnlySpan<char> text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int length) ? length : int.MaxValue;

    // The framework also reads 10.1, 0x0a000001 and 010.0.0.1 (octal), which a reader may take for something else.
    private static bool TryParseAddress(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address)
        && !text.ContainsAny('%', '[', ']')
        && (address.AddressFamily != AddressFamily.InterNetwork || text.SequenceEqual(address.ToString()));
}
