using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Relay.Protocol;

/// <summary>
/// A URI template of UDP tunnels, without its scheme and authority (RFC 9298 §2). Immutable.
/// </summary>
/// <remarks>
/// Both variables occur once, so that each expansion is one literal, a variable, another literal, the other variable, and
/// a last literal, any of which but the second may be empty.
/// </remarks>
public sealed class ConnectUdpTemplate
{
    private readonly string _text;
    private readonly byte[] _prefix;
    private readonly byte[] _middle;
    private readonly byte[] _suffix;
    private readonly bool _hostFirst;

    internal ConnectUdpTemplate(string text, string prefix, string middle, string suffix, bool hostFirst)
    {
        _text = text;
        _prefix = Encoding.ASCII.GetBytes(prefix);
        _middle = Encoding.ASCII.GetBytes(middle);
        _suffix = Encoding.ASCII.GetBytes(suffix);
        _hostFirst = hostFirst;
    }

    /// <summary>
    /// <c>/.well-known/masque/udp/{target_host}/{target_port}/</c>, the default that clients know (RFC 9298 §2).
    /// </summary>
    public static ConnectUdpTemplate Default { get; } =
        TryParse("/.well-known/masque/udp/{target_host}/{target_port}/", out var template, out var error)
            ? template : throw new InvalidOperationException(error);

    /// <summary>Reads a template such as <c>/masque{?target_host,target_port}</c>.</summary>
    /// <param name="text">
    /// A path, and a query if it has one. RFC 9298 §2 has what a template may be; no variable but the two is taken, since
    /// nothing is known of any other.
    /// </param>
    /// <param name="template">The template; null when the result is false.</param>
    /// <param name="error">What is wrong with it; null when the result is true.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out ConnectUdpTemplate? template, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        (template, error) = ConnectUdpTemplateReader.Read(text);
        return template is not null;
    }

    /// <summary>Whether a path belongs to the template, so that an error in the rest of it is a bad request.</summary>
    /// <param name="path">The value of <c>:path</c>.</param>
    public bool HasPrefix(ReadOnlySpan<byte> path) => path.StartsWith(_prefix);

    /// <summary>Reads the target out of an expansion of the template (RFC 9298 §3).</summary>
    /// <remarks>
    /// Only what an expansion can produce is read: the literals as they are, and nothing but unreserved characters and
    /// percent-encoded ones in the variables (RFC 6570 §3.2.2), so that the colons of an IPv6 address are <c>%3A</c>.
    /// There is one exception, for older clients that encode them twice: <c>%253A</c> is a colon of the host too.
    /// </remarks>
    /// <param name="path">The value of <c>:path</c>.</param>
    /// <param name="target">The target; default when the result is false.</param>
    /// <returns>False when the path is not an expansion of the template, or its host or port is not valid.</returns>
    public bool TryParsePath(ReadOnlySpan<byte> path, out TargetAuthority target)
    {
        target = default;
        if (!HasPrefix(path))
            return false;
        var variables = path[_prefix.Length..];
        if (!variables.EndsWith(_suffix))
            return false;
        variables = variables[..^_suffix.Length];
        // What parts the variables begins with a character that neither of them has.
        var end = variables.IndexOf(_middle);
        if (end < 0)
            return false;
        var first = variables[..end];
        var second = variables[(end + _middle.Length)..];

        Span<byte> host = stackalloc byte[TargetHost.MaxLength];
        Span<byte> port = stackalloc byte[TargetHost.MaxPortLength];
        return TryDecode(_hostFirst ? first : second, host, isHost: true, out var hostLength)
            && TryDecode(_hostFirst ? second : first, port, isHost: false, out var portLength)
            && TargetHost.TryParsePort(port[..portLength], out var portNumber)
            && TargetAuthority.TryCreate(host[..hostLength], portNumber, out target);
    }

    /// <summary>Expands the template into the <c>:path</c> of a request.</summary>
    /// <param name="host">
    /// A name or an IP address, an IPv6 address without brackets; it is encoded, not checked.
    /// </param>
    /// <param name="port">1 to 65535.</param>
    /// <returns>The path, and the query if there is one; ASCII, beginning with a slash.</returns>
    /// <exception cref="ArgumentException">The host is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The port is out of its range.</exception>
    public string Expand(string host, int port)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, ushort.MaxValue);
        var (first, second) = (Uri.EscapeDataString(host), $"{port}");
        if (!_hostFirst)
            (first, second) = (second, first);
        return Text(_prefix) + first + Text(_middle) + second + Text(_suffix);
    }

    /// <summary>The template as it was written.</summary>
    public override string ToString() => _text;

    private static string Text(byte[] literal) => Encoding.ASCII.GetString(literal);

    // RFC 6570 §3.2.2: simple string expansion leaves unreserved characters and encodes all others. Decoded once, so that
    // an encoded percent sign stays what it is, no character of a host; but for the colon, which older clients of masque-go
    // encode twice.
    private static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> destination, bool isHost, out int written)
    {
        written = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (written == destination.Length)
                return false;

            var value = text[i];
            if (value == '%')
            {
                if (text.Length - i < 3)
                    return false;
                var high = AsciiText.HexValue(text[i + 1]);
                var low = AsciiText.HexValue(text[i + 2]);
                if (high < 0 || low < 0)
                    return false;
                value = (byte)((high << 4) | low);
                i += 2;
                if (isHost && value == '%' && text[(i + 1)..] is [(byte)'3', (byte)'A' or (byte)'a', ..])
                {
                    value = (byte)':';
                    i += 2;
                }
            }
            else if (!AsciiText.IsUnreserved(value))
            {
                return false;
            }

            destination[written++] = value;
        }

        return true;
    }
}
