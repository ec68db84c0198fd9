namespace Relay.Protocol;

/// <summary>Why a request is refused before a target is looked for; each has one HTTP status.</summary>
public enum RequestFault
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>The header section is larger than the caller permits (RFC 9114 §4.2.2); 431.</summary>
    HeadersTooLarge,

    /// <summary>A request line that is longer than the caller permits (RFC 9112 §3); 414.</summary>
    TargetTooLong,

    /// <summary>
    /// What is no message of HTTP/1.1, or is one whose end two recipients might see at different places (RFC 9112 §2.2,
    /// §3, §6); 400.
    /// </summary>
    MalformedMessage,

    /// <summary>A major version that is not spoken here (RFC 9110 §15.6.6); 505.</summary>
    UnsupportedVersion,

    /// <summary>A field name or value has characters that it must not have (RFC 9114 §4.2, §10.3); 400.</summary>
    MalformedField,

    /// <summary>A pseudo-header field that requests do not have (RFC 9114 §4.3); 400.</summary>
    UnknownPseudoHeader,

    /// <summary>A pseudo-header field that occurs twice (RFC 9114 §4.3.1); 400.</summary>
    DuplicatePseudoHeader,

    /// <summary>A pseudo-header field after a regular one (RFC 9114 §4.3); 400.</summary>
    MisplacedPseudoHeader,

    /// <summary>A field that belongs to HTTP/1.1 connections (RFC 9114 §4.2); 400.</summary>
    ConnectionSpecificField,

    /// <summary>Credentials that occur twice, so that it is unclear which count (RFC 9110 §5.3); 400.</summary>
    DuplicateCredentials,

    /// <summary>
    /// A pseudo-header field that the method needs is absent or empty (RFC 9114 §4.3.1, RFC 9298 §3.4); 400.
    /// </summary>
    MissingPseudoHeader,

    /// <summary>A pseudo-header field that the method does not permit (RFC 9114 §4.4, RFC 8441 §4); 400.</summary>
    UnexpectedPseudoHeader,

    /// <summary>A scheme that the relay does not serve: anything but <c>https</c>; 400.</summary>
    InvalidScheme,

    /// <summary>An authority that cannot be one (RFC 9114 §4.3.1, RFC 9112 §3.2); 400.</summary>
    InvalidAuthority,

    /// <summary>A target whose host or port is malformed (RFC 9110 §9.3.6, RFC 9298 §3); 400.</summary>
    InvalidTarget,

    /// <summary>
    /// Content announced where capsules are used (RFC 9297 §3.2), or before a tunnel's bytes (RFC 9110 §9.3.6); 400.
    /// </summary>
    UnexpectedContent,

    /// <summary>A path that the relay does not have; 404.</summary>
    NotFound,

    /// <summary>A method that the relay does not have; 405, with <c>Allow</c>.</summary>
    MethodNotAllowed,

    /// <summary>Extended CONNECT for a protocol that the relay does not have (RFC 9220 §3); 501.</summary>
    UnsupportedProtocol,
}
