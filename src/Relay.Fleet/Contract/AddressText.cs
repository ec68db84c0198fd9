using System.Net;
using System.Net.Sockets;

namespace Relay.Fleet.Contract;

/// <summary>The text form of an address and a port.</summary>
public static class AddressText
{
    /// <summary>
    /// Takes away brackets around IPv4: <c>[192.0.2.1]:443</c> is <c>192.0.2.1:443</c>. They are for IPv6 (RFC 3986 §3.2.2),
    /// but a template such as <c>[$(HOST_IP)]:443</c> does not know which family it will be given.
    /// </summary>
    /// <param name="text">Any text, as an option has it.</param>
    /// <returns>The text without such brackets; any other as it is.</returns>
    public static string Plain(string text)
    {
        if (text is not ['[', ..] || text.IndexOf(']') is not (> 0 and var end))
            return text;
        var inner = text[1..end];
        // The framework reads more than dotted decimal as IPv4, octal among them.
        return IPAddress.TryParse(inner, out var address) && address.AddressFamily == AddressFamily.InterNetwork
            && address.ToString() == inner ? inner + text[(end + 1)..] : text;
    }
}
