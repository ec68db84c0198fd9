using System.Text;

namespace Relay.Protocol;

/// <summary>
/// The <c>Proxy-Status</c> field of an answer (RFC 9209 §2), as structured field text (RFC 8941 §4.1):
/// <c>relay-node; next-hop="192.0.2.1"; error=dns_error; rcode="NXDOMAIN"</c>.
/// </summary>
public static class ProxyStatus
{
    /// <summary>The name of the field, as HTTP/2 and HTTP/3 write it.</summary>
    public const string FieldName = "proxy-status";

    /// <summary>How the relay calls itself in the field: an sf-token.</summary>
    public const string ProxyName = "relay-node";

    /// <summary>The token of an error type (RFC 9209 §2.3).</summary>
    /// <param name="error">Any defined value.</param>
    /// <returns>A token such as <c>dns_error</c>; empty for <see cref="ProxyErrorType.None"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is not defined.</exception>
    public static string GetToken(ProxyErrorType error) => error switch
    {
        ProxyErrorType.None => "",
        ProxyErrorType.DnsTimeout => "dns_timeout",
        ProxyErrorType.DnsError => "dns_error",
        ProxyErrorType.DestinationNotFound => "destination_not_found",
        ProxyErrorType.DestinationUnavailable => "destination_unavailable",
        ProxyErrorType.DestinationIpProhibited => "destination_ip_prohibited",
        ProxyErrorType.DestinationIpUnroutable => "destination_ip_unroutable",
        ProxyErrorType.ConnectionRefused => "connection_refused",
        ProxyErrorType.ConnectionTerminated => "connection_terminated",
        ProxyErrorType.ConnectionTimeout => "connection_timeout",
        ProxyErrorType.ConnectionReadTimeout => "connection_read_timeout",
        ProxyErrorType.ConnectionWriteTimeout => "connection_write_timeout",
        ProxyErrorType.ConnectionLimitReached => "connection_limit_reached",
        ProxyErrorType.HttpRequestError => "http_request_error",
        ProxyErrorType.HttpRequestDenied => "http_request_denied",
        ProxyErrorType.ProxyInternalError => "proxy_internal_error",
        ProxyErrorType.ProxyConfigurationError => "proxy_configuration_error",
        ProxyErrorType.ProxyLoopDetected => "proxy_loop_detected",
        _ => throw new ArgumentOutOfRangeException(nameof(error), error, "Not a defined error type."),
    };

    /// <summary>The HTTP status of an answer that reports an error type.</summary>
    /// <param name="error">Any defined value.</param>
    /// <returns>The status the relay uses; 200 for <see cref="ProxyErrorType.None"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is not defined.</exception>
    public static int GetStatusCode(ProxyErrorType error) => error switch
    {
        ProxyErrorType.None => 200,
        ProxyErrorType.HttpRequestError => 400,

        // RFC 9209 recommends 502 for a prohibited address and for a loop. To a client the first is a refusal that will
        // not pass, and 508 (RFC 5842 §7.2) says which fault it is.
        ProxyErrorType.DestinationIpProhibited or ProxyErrorType.HttpRequestDenied => 403,
        ProxyErrorType.ProxyLoopDetected => 508,

        ProxyErrorType.DnsError or ProxyErrorType.DestinationIpUnroutable or ProxyErrorType.ConnectionRefused
            or ProxyErrorType.ConnectionTerminated => 502,
        ProxyErrorType.DestinationUnavailable or ProxyErrorType.ConnectionLimitReached => 503,
        ProxyErrorType.DnsTimeout or ProxyErrorType.ConnectionTimeout or ProxyErrorType.ConnectionReadTimeout
            or ProxyErrorType.ConnectionWriteTimeout => 504,
        ProxyErrorType.DestinationNotFound or ProxyErrorType.ProxyInternalError
            or ProxyErrorType.ProxyConfigurationError => 500,
        _ => throw new ArgumentOutOfRangeException(nameof(error), error, "Not a defined error type."),
    };

    /// <summary>Writes the value of the field.</summary>
    /// <remarks>
    /// An sf-string holds printable ASCII only (RFC 8941 §3.3.3): quotes and backslashes are escaped, and every other
    /// character outside it is percent-encoded as UTF-8, so no value can end the field or start another.
    /// </remarks>
    /// <param name="destination">Where to write; its content is undefined when the result is false.</param>
    /// <param name="written">The bytes written, ASCII; 0 when the result is false.</param>
    /// <param name="nextHop">The target's address or name (RFC 9209 §2.1.2); left out when empty.</param>
    /// <param name="error">The error type (RFC 9209 §2.1.1); left out when none.</param>
    /// <param name="rcode">
    /// The DNS RCODE, such as <c>NXDOMAIN</c> (RFC 9209 §2.3.2); left out when empty or when the error is not
    /// <see cref="ProxyErrorType.DnsError"/>, the only one that has it.
    /// </param>
    /// <param name="details">Anything else worth telling (RFC 9209 §2.1.5); left out when empty.</param>
    /// <returns>False when the destination is too short.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The error type is not defined.</exception>
    public static bool TryFormat(
        Span<byte> destination,
        out int written,
        ReadOnlySpan<char> nextHop = default,
        ProxyErrorType error = ProxyErrorType.None,
        ReadOnlySpan<char> rcode = default,
        ReadOnlySpan<char> details = default)
    {
        var writer = new StructuredFieldWriter(destination);
        writer.WriteRaw(ProxyName);
        if (!nextHop.IsEmpty)
            writer.WriteStringParameter("next-hop", nextHop);
        if (error != ProxyErrorType.None)
            writer.WriteTokenParameter("error", GetToken(error));
        if (error == ProxyErrorType.DnsError && !rcode.IsEmpty)
            writer.WriteStringParameter("rcode", rcode);
        if (!details.IsEmpty)
            writer.WriteStringParameter("details", details);

        written = writer.IsOverflown ? 0 : writer.Written;
        return !writer.IsOverflown;
    }

    /// <summary>The value of the field as a string; see <see cref="TryFormat"/> for the parameters.</summary>
    /// <param name="nextHop">The target's address or name; left out when empty.</param>
    /// <param name="error">The error type; left out when none.</param>
    /// <param name="rcode">The DNS RCODE; left out when empty or when the error is not a DNS error.</param>
    /// <param name="details">Anything else worth telling; left out when empty.</param>
    /// <returns>ASCII text.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The error type is not defined.</exception>
    public static string Format(
        string? nextHop = null,
        ProxyErrorType error = ProxyErrorType.None,
        string? rcode = null,
        string? details = null)
    {
        Span<byte> buffer = stackalloc byte[512];
        int written;
        while (!TryFormat(buffer, out written, nextHop, error, rcode, details))
            buffer = new byte[buffer.Length * 2];
        return Encoding.ASCII.GetString(buffer[..written]);
    }
}
