using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Relay.Admin.Apple;

/// <summary>Reads how a relay and domains are named in a query.</summary>
internal static class RelayAddress
{
    // RFC 9298 §3: the template that a client uses where it knows only host and port.
    private const string DefaultTemplate = "/.well-known/masque/udp/{target_host}/{target_port}/";

    /// <summary>Reads <c>HOST[:PORT]</c>, or an https URI template of connect-udp.</summary>
    /// <param name="text">The text.</param>
    /// <param name="url">The template.</param>
    /// <param name="error">Otherwise, what is wrong.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out string? url, [NotNullWhen(false)] out string? error)
    {
        url = null;
        error = null;
        const string Scheme = "https://";
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
        if (error is null)
            url = Scheme + authority + (path.Length > 1 ? path : DefaultTemplate);
        return url is not null;
    }

    /// <summary>Reads a domain: letters, digits, hyphens and underscores between dots.</summary>
    public static bool IsDomain(string text) =>
        text.Length is > 0 and <= 253 && text.Split('.').All(static label =>
            label.Length is > 0 and <= 63 && label[0] != '-' && label[^1] != '-'
            && label.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));

    private static bool IsAuthority(string text)
    {
        var colon = text.LastIndexOf(':');
        var bracket = text.LastIndexOf(']');
        var hasPort = colon > bracket;
        var host = hasPort ? text[..colon] : text;
        if (hasPort && !(int.TryParse(
            text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is > 0 and <= ushort.MaxValue))
            return false;
        return host is ['[', .. var address, ']']
            ? IPAddress.TryParse(address, out var ip)
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
        return rest.All(static c => char.IsAsciiLetterOrDigit(c)
            || "-._~/?=&,:;@!$'()*+%".Contains(c, StringComparison.Ordinal));
    }
}
