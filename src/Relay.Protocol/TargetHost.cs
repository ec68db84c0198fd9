using System.Net;
using System.Text;

namespace Relay.Protocol;

/// <summary>The rules for the host of a target (RFC 9298 §3, RFC 9110 §9.3.6, RFC 3986 §3.2.2).</summary>
internal static class TargetHost
{
    /// <summary>The longest host, in bytes: what a domain name can have (RFC 1035 §2.3.4).</summary>
    public const int MaxLength = 255;

    /// <summary>The longest port in text, in bytes.</summary>
    public const int MaxPortLength = 5;

    /// <summary>Checks a host without brackets, and writes it in the one form the relay uses.</summary>
    /// <param name="text">A name, an IPv4 or an IPv6 address.</param>
    /// <param name="host">The name in lower case, or the address as the platform writes it.</param>
    /// <param name="address">The address, or null when the host is a name.</param>
    public static bool TryParse(ReadOnlySpan<byte> text, out string host, out IPAddress? address)
    {
        address = null;
        host = "";
        if (text.IsEmpty || text.Length > MaxLength)
            return false;

        address = IpLiteral.Parse(text);
        if (address is not null)
        {
            host = address.ToString();
            return true;
        }

        if (!IsName(text))
            return false;

        Span<byte> lower = stackalloc byte[MaxLength];
        Ascii.ToLower(text, lower, out var length);
        host = Encoding.ASCII.GetString(lower[..length]);
        return true;
    }

    /// <summary>Reads a port.</summary>
    public static bool TryParsePort(ReadOnlySpan<byte> text, out int port)
    {
        port = 0;

        // RFC 9298 §3: "an integer between 1 and 65535 inclusive". RFC 3986 §3.2.3 allows leading zeros, but says that
        // they are not normal; the relay refuses them, so that one port has one spelling.
        if (text.IsEmpty || text.Length > MaxPortLength || text[0] == '0')
            return false;

        foreach (var digit in text)
        {
            if (!AsciiText.IsDigit(digit))
                return false;
            port = (port * 10) + digit - '0';
        }

        if (port <= ushort.MaxValue)
            return true;
        port = 0;
        return false;
    }

    // Narrower than the reg-name of RFC 3986: what a DNS name of a host can be made of, and the underscore of practice.
    private static bool IsName(ReadOnlySpan<byte> text)
    {
        // A final dot only says that the name is absolute (RFC 1034 §3.1).
        var labels = text[^1] == '.' ? text[..^1] : text;
        var labelStart = 0;
        for (var i = 0; i <= labels.Length; i++)
        {
            if (i == labels.Length || labels[i] == '.')
            {
                if (i == labelStart)
                    return false;
                if (i == labels.Length)
                    return !IsNumber(labels[labelStart..]);
                labelStart = i + 1;
            }
            else if (!AsciiText.IsLetterOrDigit(labels[i]) && labels[i] is not ((byte)'-' or (byte)'_'))
            {
                return false;
            }
        }

        return false;
    }

    // A host whose last label is a number is an IPv4 address in disguise to some resolvers ("127.1", "0x7f000001",
    // "2130706433"): the "ends in a number" checker of the WHATWG URL Standard. No top-level domain is a number.
    private static bool IsNumber(ReadOnlySpan<byte> label)
    {
        if (label.StartsWith("0x"u8) || label.StartsWith("0X"u8))
        {
            foreach (var value in label[2..])
            {
                if (AsciiText.HexValue(value) < 0)
                    return false;
            }

            return true;
        }

        return label.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
    }
}
