namespace Relay.Protocol;

/// <summary>The request fields that <see cref="RequestHeaders"/> keeps.</summary>
public enum RequestField
{
    /// <summary><c>:method</c> (RFC 9114 §4.3.1).</summary>
    Method,

    /// <summary><c>:scheme</c> (RFC 9114 §4.3.1).</summary>
    Scheme,

    /// <summary><c>:authority</c> (RFC 9114 §4.3.1).</summary>
    Authority,

    /// <summary><c>:path</c> (RFC 9114 §4.3.1).</summary>
    Path,

    /// <summary><c>:protocol</c> (RFC 8441 §4, RFC 9220 §3).</summary>
    Protocol,

    /// <summary><c>capsule-protocol</c> (RFC 9297 §3.4).</summary>
    CapsuleProtocol,

    /// <summary><c>content-length</c> (RFC 9110 §8.6).</summary>
    ContentLength,

    /// <summary><c>content-type</c> (RFC 9110 §8.3).</summary>
    ContentType,

    /// <summary><c>proxy-authorization</c> (RFC 9110 §11.7.2).</summary>
    ProxyAuthorization,

    /// <summary><c>authorization</c> (RFC 9110 §11.6.2).</summary>
    Authorization,
}
