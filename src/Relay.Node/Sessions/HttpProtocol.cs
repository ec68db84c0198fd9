namespace Relay.Node.Sessions;

/// <summary>A version of HTTP, as clients speak it.</summary>
internal enum HttpProtocol
{
    /// <summary>HTTP/1.1 (RFC 9112).</summary>
    Http11,

    /// <summary>HTTP/2 (RFC 9113).</summary>
    Http2,

    /// <summary>HTTP/3 (RFC 9114).</summary>
    Http3,
}
