using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Relay.Fleet.Contract;

namespace Relay.Hosting.Fleet;

/// <summary>A relay as clients reach it: <c>HOST</c>, <c>HOST:PORT</c>, or an https URI template of connect-udp.</summary>
public sealed record RelayAddress
{
    private const string Scheme = "https://";

    // RFC 9298 §3: the template that a client uses where it knows only host and port.
    private const string DefaultTemplate = "/.well-known/masque/udp/{target_host}/{target_port}/";

    private RelayAddress(string text, string authority, string path)
    {
        var (host, port) = Split(authority);
        (Text, Host, Port) = (text, host, port.Length == 0 ? 443 : int.Parse(port, CultureInfo.InvariantCulture));
        Template = Scheme + authority + (path.Length > 1 ? path : DefaultTemplate);
    }

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>Its name, or its address, of IPv6 in brackets.</summary>
    public string Host { get; }

    /// <summary>Its port, of UDP and TCP alike.</summary>
    public int Port { get; }

    /// <summary>The URI template of its UDP tunnels (RFC 9298 §2).</summary>
    public string Template { get; }

    /// <summary>What clients are told of it.</summary>
    public RelayInfo ToInfo() => new() { Relay = Text, Host = Host, Port = Port, UdpTemplate = Template };

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>Reads one.</summary>
    /// <param name="text">The text.</param>
    /// <param name="address">The relay.</param>
    /// <param name="error">Otherwise, what is wrong.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out RelayAddress? address, [NotNullWhen(false)] out string? error)
    {
        error = null;
        var isUrl = text.Contains("://", StringComparison.Ordinal);
        if (isUrl && !text.StartsWith(Scheme, StringComparison.Ordinal))
            error = "not https";
        var rest = isUrl && error is null ? text[Scheme.Length..] : text;
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var (authority, path) = slash < 0 ? (rest, "") : (rest[..slash], rest[slash..]);
        if (error is null && !IsAuthority(authority))
            error = "not HOST, HOST:PORT or an https URI template; a name is ASCII, as in xn--…";
        else if (error is null && !isUrl && path.Length > 0)
            error = "a path needs https:// in front";
        else if (error is null && path.Length > 1 && !IsTemplate(path))
            error = "the template does not have {target_host} and {target_port} once each, or has something else in it";
        address = error is null ? new RelayAddress(text, authority, path) : null;
        return address is not null;
    }

    /// <summary>Whether a text is a domain: letters, digits, hyphens and underscores between dots.</summary>
    public static bool IsDomain(string text) =>
        text.Length is > 0 and <= 253 && text.Split('.').All(static label =>
            label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-'
            && label.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));

    private static (string Host, string Port) Split(string authority)
    {
        var colon = authority.LastIndexOf(':');
        return colon > authority.LastIndexOf(']') ? (authority[..colon], authority[(colon + 1)..]) : (authority, "");
    }

    private static bool IsAuthority(string text)
    {
        var (host, port) = Split(text);
        var hasPort = host.Length < text.Length;
        if (hasPort && !(int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is > 0 and <= ushort.MaxValue))
            return false;
        return host is ['[', .. var address, ']']
            ? IPAddress.TryParse(address, out var ip)
            // RFC 3986 §3.2.2: brackets are for IPv6, and know no zone.
            && ip is { AddressFamily: AddressFamily.InterNetworkV6, ScopeId: 0 }
            && ip.ToString().Equals(address, StringComparison.OrdinalIgnoreCase)
            : IsDomain(host);
    }

    private static bool IsTemplate(string path)
    {
        var rest = path;
        foreach (var name in (string[])["target_host", "target_port"])
        {
            var at = rest.IndexOf(name, StringComparison.Ordinal);
            if (at < 0 || rest.IndexOf(name, at + 1, StringComparison.Ordinal) >= 0)
                return false;
        }
        rest = rest.Replace("{target_host}", "", StringComparison.Ordinal)
            .Replace("{target_port}", "", StringComparison.Ordinal)
            .Replace("{?target_host,target_port}", "", StringComparison.Ordinal);
        // A name that is left was not within braces, and would be sent as it stands.
        return !rest.Contains("target_", StringComparison.Ordinal) && rest.All(static c => char.IsAsciiLetterOrDigit(c)
            || "-._~/?=&,:;@!$'()*+%".Contains(c, StringComparison.Ordinal));
    }
}
