using System.Globalization;
using System.Net;
using System.Text;
using Relay.Protocol;

namespace Relay.Load.Cli;

/// <summary>Reads the values of options.</summary>
internal static class Values
{
    private static readonly (string Suffix, long Factor)[] Units =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
        ("kB", 1000), ("MB", 1000_000), ("GB", 1000_000_000), ("K", 1L << 10), ("M", 1L << 20), ("G", 1L << 30),
        ("B", 1), ("", 1),
    ];

    /// <summary>A number of bytes: <c>1500</c>, <c>64KiB</c>, <c>1GiB</c>, <c>10MB</c>.</summary>
    public static long Bytes(string text)
    {
        foreach (var (suffix, factor) in Units)
        {
            if (!text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
                continue;
            var digits = text.AsSpan(0, text.Length - suffix.Length);
            if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number <= long.MaxValue / factor)
                return number * factor;
        }
        throw new UsageException($"'{text}' is no number of bytes, such as 64KiB or 1GiB.");
    }

    /// <summary><c>host:port</c>, <c>[IPv6]:port</c>.</summary>
    public static TargetAuthority Authority(string text) =>
        TargetAuthority.TryParse(Encoding.UTF8.GetBytes(text), out var authority)
            ? authority
            : throw new UsageException($"'{text}' is no HOST:PORT.");

    /// <summary>An address to listen at: <c>127.0.0.1:8080</c>, <c>[::1]:0</c>, or a port of the loopback.</summary>
    public static IPEndPoint EndPoint(string text)
    {
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return new IPEndPoint(IPAddress.Loopback, port);
        return IPEndPoint.TryParse(text, out var endpoint)
            ? endpoint
            : throw new UsageException($"'{text}' is no address and port.");
    }

    /// <summary>Resolves the relay's name. A port of 443 may be left out.</summary>
    public static (IPEndPoint EndPoint, string Host) Relay(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (!TargetAuthority.TryParse(bytes, out var authority)
            && !TargetAuthority.TryParse(Encoding.UTF8.GetBytes(text + ":443"), out authority))
            throw new UsageException($"'{text}' is no HOST:PORT.");
        if (authority.Address is { } address)
            return (new IPEndPoint(address, authority.Port), authority.Host);
        try
        {
            return (new IPEndPoint(Dns.GetHostAddresses(authority.Host)[0], authority.Port), authority.Host);
        }
        catch (System.Net.Sockets.SocketException e)
        {
            throw new IOException($"{authority.Host}: {e.Message}", e);
        }
    }

    /// <summary><c>name: value</c>.</summary>
    public static (string Name, string Value) Field(string text)
    {
        var colon = text.IndexOf(':', 1);
        if (colon < 0)
            throw new UsageException($"'{text}' is no field, such as 'name: value'.");
        var name = text[..colon].Trim();
        if (name.Length == 0 || name.AsSpan().ContainsAny(" \t:"))
            throw new UsageException($"'{name}' is no field name.");
        // RFC 9114 §4.2: "field names MUST be converted to lowercase prior to their encoding".
        return (name.ToLowerInvariant(), text[(colon + 1)..].Trim());
    }
}
