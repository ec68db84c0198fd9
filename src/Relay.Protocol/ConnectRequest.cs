using System.Text;

namespace Relay.Protocol;

/// <summary>
/// The rules that make a tunnel out of a request: CONNECT (RFC 9114 §4.4) and Extended CONNECT with <c>connect-udp</c>
/// (RFC 9220 §3, RFC 9298 §3.4). Credentials and target policy are not looked at.
/// </summary>
public static class ConnectRequest
{
    /// <summary>The value of <c>Allow</c> in an answer with status 405 (RFC 9110 §10.2.1).</summary>
    public const string AllowedMethods = "CONNECT";

    /// <summary>The <c>:protocol</c> of UDP tunnels (RFC 9298 §3.4).</summary>
    public const string UdpProtocol = "connect-udp";

    /// <summary>Decides on a request whose header section is complete.</summary>
    /// <param name="headers">The fields of the request.</param>
    /// <param name="templates">Templates of UDP tunnels beside the default.</param>
    /// <returns>The tunnel asked for, or a status and the reason.</returns>
    public static ConnectDecision Evaluate(
        RequestHeaders headers, params ReadOnlySpan<ConnectUdpTemplate> templates)
    {
        if (headers.Fault != RequestFault.None)
            return Refuse(headers.Fault);

        var method = headers[RequestField.Method];
        if (method.IsEmpty)
            return Refuse(RequestFault.MissingPseudoHeader);
        if (!AsciiText.IsToken(method))
            return Refuse(RequestFault.MalformedField);
        if (!method.SequenceEqual("CONNECT"u8))
            return Refuse(FaultOfOtherMethod(headers, method));

        return headers.Contains(RequestField.Protocol) ? EvaluateExtended(headers, templates) : EvaluatePlain(headers);
    }

    /// <summary>The HTTP status of the answer to a request with a fault.</summary>
    /// <param name="fault">Any value but <see cref="RequestFault.None"/>, for which it is 0.</param>
    /// <returns>400, 404, 405, 414, 431, 501 or 505.</returns>
    public static int GetStatusCode(RequestFault fault) => fault switch
    {
        RequestFault.None => 0,
        RequestFault.TargetTooLong => 414,
        RequestFault.HeadersTooLarge => 431,
        RequestFault.NotFound => 404,
        RequestFault.MethodNotAllowed => 405,
        RequestFault.UnsupportedProtocol => 501,
        RequestFault.UnsupportedVersion => 505,
        _ => 400,
    };

    private static ConnectDecision EvaluatePlain(RequestHeaders headers)
    {
        // RFC 9114 §4.4: "The :scheme and :path pseudo-header fields are omitted. The :authority pseudo-header field
        // contains the host and port to connect to". "A CONNECT request that does not conform to these restrictions is
        // malformed." A Content-Length says nothing: CONNECT has no content (RFC 9110 §9.3.6).
        if (headers.Contains(RequestField.Scheme) || headers.Contains(RequestField.Path))
            return Refuse(RequestFault.UnexpectedPseudoHeader);

        var authority = headers[RequestField.Authority];
        if (authority.IsEmpty)
            return Refuse(RequestFault.MissingPseudoHeader);
        return TargetAuthority.TryParse(authority, out var target)
            ? Accept(ConnectKind.Tcp, target)
            : Refuse(RequestFault.InvalidTarget);
    }

    private static ConnectDecision EvaluateExtended(
        RequestHeaders headers, ReadOnlySpan<ConnectUdpTemplate> templates)
    {
        // RFC 9220 §3: a protocol that is not known is answered with 501, whatever else the request says.
        var protocol = headers[RequestField.Protocol];
        if (protocol.IsEmpty)
            return Refuse(RequestFault.MissingPseudoHeader);
        if (!Ascii.EqualsIgnoreCase(protocol, UdpProtocol))
            return Refuse(RequestFault.UnsupportedProtocol);

        var scheme = headers[RequestField.Scheme];
        var authority = headers[RequestField.Authority];
        var path = headers[RequestField.Path];
        if (scheme.IsEmpty || authority.IsEmpty || path.IsEmpty)
            return Refuse(RequestFault.MissingPseudoHeader);

        // The template of a relay over HTTP/3 is an https one (RFC 9114 §3.1); schemes ignore case (RFC 3986 §3.1).
        if (!Ascii.EqualsIgnoreCase(scheme, "https"u8))
            return Refuse(RequestFault.InvalidScheme);

        // The relay has no virtual hosts, and clients send the authority with and without a port: it is not compared.
        // RFC 9114 §4.3.1: "The authority MUST NOT include the deprecated userinfo subcomponent".
        if (authority.IndexOfAny(" \t/@"u8) >= 0)
            return Refuse(RequestFault.InvalidAuthority);

        // RFC 9297 §3.2: "The Capsule Protocol MUST NOT be used with messages that contain Content-Length,
        // Content-Type, or Transfer-Encoding header fields." The last of them is refused in any request.
        if (headers.Contains(RequestField.ContentLength) || headers.Contains(RequestField.ContentType))
            return Refuse(RequestFault.UnexpectedContent);

        return FindTarget(path, templates, out var target) is var fault and not RequestFault.None
            ? Refuse(fault)
            : Accept(ConnectKind.Udp, target);
    }

    private static RequestFault FindTarget(
        ReadOnlySpan<byte> path, ReadOnlySpan<ConnectUdpTemplate> templates, out TargetAuthority target)
    {
        if (ConnectUdpTemplate.Default.TryParsePath(path, out target))
            return RequestFault.None;
        var isKnown = ConnectUdpTemplate.Default.HasPrefix(path);
        foreach (var template in templates)
        {
            if (template.TryParsePath(path, out target))
                return RequestFault.None;
            isKnown |= template.HasPrefix(path);
        }
        return isKnown ? RequestFault.InvalidTarget : RequestFault.NotFound;
    }

    private static RequestFault FaultOfOtherMethod(RequestHeaders headers, ReadOnlySpan<byte> method)
    {
        // RFC 8441 §4: ":protocol" goes with CONNECT only.
        if (headers.Contains(RequestField.Protocol))
            return RequestFault.UnexpectedPseudoHeader;

        // RFC 9114 §4.3.1: all requests but CONNECT have exactly one :method, :scheme and :path.
        if (headers[RequestField.Scheme].IsEmpty || headers[RequestField.Path].IsEmpty)
            return RequestFault.MissingPseudoHeader;

        // The relay has no resources: a method that every server knows finds nothing, whatever the path.
        return method.SequenceEqual("GET"u8) || method.SequenceEqual("HEAD"u8) || method.SequenceEqual("POST"u8)
            ? RequestFault.NotFound
            : RequestFault.MethodNotAllowed;
    }

    private static ConnectDecision Accept(ConnectKind kind, TargetAuthority target) =>
        new(kind, target, 0, RequestFault.None);

    private static ConnectDecision Refuse(RequestFault fault) =>
        new(ConnectKind.None, default, GetStatusCode(fault), fault);
}
