using System.Net;

namespace Relay.Protocol;

/// <summary>
/// IP addresses in text, exactly as RFC 3986 §3.2.2 writes them. The parsers of the platform also take octal,
/// hexadecimal and shortened forms, zone identifiers and brackets, which would let one address go by many names.
/// </summary>
internal static class IpLiteral
{
    private const int IPv4Length = 4;
    private const int IPv6Length = 16;

    /// <summary>Reads an IPv4 or IPv6 address that fills <paramref name="text"/>.</summary>
    /// <returns>Null when the text is neither.</returns>
    public static IPAddress? Parse(ReadOnlySpan<byte> text)
    {
        Span<byte> address = stackalloc byte[IPv6Length];
        if (TryParseIPv4(text, address))
            return new IPAddress(address[..IPv4Length]);
        return TryParseIPv6(text, address) ? new IPAddress(address) : null;
    }

    /// <summary>Reads an IPv6 address without brackets or zone identifier.</summary>
    /// <returns>Null when the text is none.</returns>
    public static IPAddress? ParseIPv6(ReadOnlySpan<byte> text)
    {
        Span<byte> address = stackalloc byte[IPv6Length];
        return TryParseIPv6(text, address) ? new IPAddress(address) : null;
    }

    private static bool TryParseIPv4(ReadOnlySpan<byte> text, Span<byte> address)
    {
        for (var octet = 0; octet < IPv4Length; octet++)
        {
            if (octet > 0)
            {
                if (text.IsEmpty || text[0] != '.')
                    return false;
                text = text[1..];
            }

            var value = 0;
            var digits = 0;
            while (digits < text.Length && digits < 3 && AsciiText.IsDigit(text[digits]))
                value = (value * 10) + text[digits++] - '0';

            // RFC 3986 §3.2.2: dec-octet has no leading zeros; to many resolvers one would mean octal.
            if (digits == 0 || value > byte.MaxValue || (digits > 1 && text[0] == '0'))
                return false;

            address[octet] = (byte)value;
            text = text[digits..];
        }

        return text.IsEmpty;
    }

    private static bool TryParseIPv6(ReadOnlySpan<byte> text, Span<byte> address)
    {
        address[..IPv6Length].Clear();
        var written = 0;
        var gap = -1;
        var at = 0;
        if (text.StartsWith("::"u8))
        {
            gap = 0;
            at = 2;
        }

        while (at < text.Length)
        {
            var group = text[at..];
            var digits = 0;
            var value = 0;
            while (digits < group.Length && digits < 4 && AsciiText.HexValue(group[digits]) >= 0)
                value = (value << 4) | AsciiText.HexValue(group[digits++]);

            if (digits == 0 || written == IPv6Length)
                return false;

            if (digits < group.Length && group[digits] == '.')
            {
                // RFC 3986 §3.2.2: the least significant 32 bits may be an IPv4address.
                if (written > IPv6Length - IPv4Length || !TryParseIPv4(group, address[written..]))
                    return false;
                written += IPv4Length;
                break;
            }

            address[written++] = (byte)(value >> 8);
            address[written++] = (byte)value;
            at += digits;
            if (at == text.Length)
                break;

            // One colon goes on, two are the gap, of which there is at most one; neither a third nor a last one alone.
            if (text[at++] != ':' || at == text.Length)
                return false;
            if (text[at] == ':')
            {
                if (gap >= 0)
                    return false;
                gap = written;
                at++;
            }
        }

        if (gap < 0)
            return written == IPv6Length;
        if (written == IPv6Length)
            return false;

        var tail = address[gap..written];
        tail.CopyTo(address[(IPv6Length - tail.Length)..]);
        address[gap..(IPv6Length - tail.Length)].Clear();
        return true;
    }
}
