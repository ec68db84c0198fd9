namespace Relay.Protocol;

/// <summary>
/// The URI template of UDP tunnels, <c>/.well-known/masque/udp/{target_host}/{target_port}/</c>, which is the default
/// that clients know (RFC 9298 §2).
/// </summary>
public static class ConnectUdpTemplate
{
    /// <summary>What every path of the template starts with.</summary>
    public const string PathPrefix = "/.well-known/masque/udp/";

    private static ReadOnlySpan<byte> PathPrefixBytes => "/.well-known/masque/udp/"u8;

    /// <summary>Whether a path belongs to the template, so that an error in the rest of it is a bad request.</summary>
    /// <param name="path">The value of <c>:path</c>.</param>
    public static bool HasPrefix(ReadOnlySpan<byte> path) => path.StartsWith(PathPrefixBytes);

    /// <summary>Reads the target out of an expansion of the template (RFC 9298 §3).</summary>
    /// <remarks>
    /// Only what an expansion can produce is read: both segments, the final slash, no query, and nothing but unreserved
    /// characters and percent-encoded ones in them (RFC 6570 §3.2.2), so that the colons of an IPv6 address are
    /// <c>%3A</c>.
    /// </remarks>
    /// <param name="path">The value of <c>:path</c>.</param>
    /// <param name="target">The target; default when the result is false.</param>
    /// <returns>False when the path is not an expansion of the template, or its host or port is not valid.</returns>
    public static bool TryParsePath(ReadOnlySpan<byte> path, out TargetAuthority target)
    {
        target = default;
        if (!HasPrefix(path) || path[^1] != '/')
            return false;

        var variables = path[PathPrefixBytes.Length..];
        var hostEnd = variables.IndexOf((byte)'/');
        if (hostEnd < 0 || hostEnd == variables.Length - 1)
            return false;

        // RFC 9298 §3: the colons of an IPv6 literal "MUST be percent-encoded". A further slash or a query would be a
        // character that no expansion leaves as it is.
        Span<byte> host = stackalloc byte[TargetHost.MaxLength];
        Span<byte> port = stackalloc byte[TargetHost.MaxPortLength];
        return TryDecode(variables[..hostEnd], host, out var hostLength)
            && TryDecode(variables[(hostEnd + 1)..^1], port, out var portLength)
            && TargetHost.TryParsePort(port[..portLength], out var portNumber)
            && TargetAuthority.TryCreate(host[..hostLength], portNumber, out target);
    }

    /// <summary>Expands the template into the <c>:path</c> of a request.</summary>
    /// <param name="host">
    /// A name or an IP address, an IPv6 address without brackets; it is encoded, not checked.
    /// </param>
    /// <param name="port">1 to 65535.</param>
    /// <returns>The path, ASCII, starting with <see cref="PathPrefix"/> and ending with a slash.</returns>
    /// <exception cref="ArgumentException">The host is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The port is out of its range.</exception>
    public static string Expand(string host, int port)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, ushort.MaxValue);
        return $"{PathPrefix}{Uri.EscapeDataString(host)}/{port}/";
    }

    // RFC 6570 §3.2.2: simple string expansion leaves unreserved characters and encodes all others. Decoded once, never
    // again, so that an encoded percent sign stays what it is: no character of a host.
    private static bool TryDecode(ReadOnlySpan<byte> text, Span<byte> destination, out int written)
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
