using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Relay.Fleet.Contract;

namespace Relay.Hosting.Options;

/// <summary>The text form of an address to listen on.</summary>
public static class ListeningAddress
{
    /// <summary>
    /// Reads <c>ADDR:PORT</c>, IPv6 in brackets, which IPv4 may have as well; names are not accepted.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="endpoint">The endpoint; its port is 0–65535, and 0 means a free one.</param>
    /// <param name="error">Otherwise, the offending text and what is wrong with it.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out IPEndPoint? endpoint, [NotNullWhen(false)] out string? error)
    {
        endpoint = null;
        text = AddressText.Plain(text);
        int colon = text.LastIndexOf(':');
        string addressText = colon < 0 ? text : text[..colon];
        if (!TryParseAddress(addressText, out var address))
        {
            bool needsBrackets = !text.Contains('[') && IPAddress.TryParse(text, out _) && colon >= 0;
            error = needsBrackets
                ? $"'{text}': an IPv6 address needs brackets and a port, as in [::1]:443"
                : $"'{text}' is not a numeric ADDR:PORT, as in 0.0.0.0:443 or [::]:443";
        }
        else if (colon < 0 || !int.TryParse(
            text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            || port > 65535)
        {
            error = $"'{text}' has no port in 0–65535";
        }
        else if (address.IsIPv4MappedToIPv6)
        {
            error = $"'{text}' is IPv4 in disguise: write {address.MapToIPv4()}:{port}";
        }
        else if (address.IsIPv6Multicast || address.GetAddressBytes() is [>= 224 and < 240, _, _, _]
            || address.Equals(IPAddress.Broadcast))
        {
            error = $"'{text}' is not an address of one machine";
        }
        else
        {
            endpoint = new IPEndPoint(address, port);
            error = null;
        }

        return error is null;
    }

    // The framework reads more than dotted decimal as IPv4, octal among them.
    private static bool TryParseAddress(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        if (text is ['[', .. var inner, ']'])
            return IPAddress.TryParse(inner, out address) && address.AddressFamily == AddressFamily.InterNetworkV6;
        return IPAddress.TryParse(text, out address)
            && address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == text;
    }
}
