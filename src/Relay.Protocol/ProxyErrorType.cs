namespace Relay.Protocol;

/// <summary>
/// Why a tunnel could not be opened, as <c>Proxy-Status</c> names it (RFC 9209 §2.3). <see cref="ProxyStatus"/> gives
/// the token and the HTTP status of each.
/// </summary>
public enum ProxyErrorType
{
    /// <summary>No error.</summary>
    None,

    /// <summary>The name of the target was not resolved in time (RFC 9209 §2.3.1); 504.</summary>
    DnsTimeout,

    /// <summary>The name of the target could not be resolved (RFC 9209 §2.3.2); 502.</summary>
    DnsError,

    /// <summary>No next hop can be determined for the request (RFC 9209 §2.3.3); 500.</summary>
    DestinationNotFound,

    /// <summary>The target is considered unavailable (RFC 9209 §2.3.4); 503.</summary>
    DestinationUnavailable,

    /// <summary>Policy prohibits the target's address (RFC 9209 §2.3.5); 403, where RFC 9209 recommends 502.</summary>
    DestinationIpProhibited,

    /// <summary>There is no route to the target's address (RFC 9209 §2.3.6); 502.</summary>
    DestinationIpUnroutable,

    /// <summary>The target refused the connection (RFC 9209 §2.3.7); 502.</summary>
    ConnectionRefused,

    /// <summary>The target closed the connection early (RFC 9209 §2.3.8); 502.</summary>
    ConnectionTerminated,

    /// <summary>The target did not answer in time (RFC 9209 §2.3.9); 504.</summary>
    ConnectionTimeout,

    /// <summary>The target sent nothing in time (RFC 9209 §2.3.10); 504.</summary>
    ConnectionReadTimeout,

    /// <summary>The target took nothing in time (RFC 9209 §2.3.11); 504.</summary>
    ConnectionWriteTimeout,

    /// <summary>A limit on connections or tunnels is reached (RFC 9209 §2.3.12); 503.</summary>
    ConnectionLimitReached,

    /// <summary>The request is wrong (RFC 9209 §2.3.16); 400 or another 4xx that fits.</summary>
    HttpRequestError,

    /// <summary>Policy denies the request (RFC 9209 §2.3.17); 403.</summary>
    HttpRequestDenied,

    /// <summary>The relay failed, not the target (RFC 9209 §2.3.30); 500.</summary>
    ProxyInternalError,

    /// <summary>The relay's configuration is wrong (RFC 9209 §2.3.31); 500.</summary>
    ProxyConfigurationError,

    /// <summary>The target is the relay itself (RFC 9209 §2.3.32); 508, where RFC 9209 recommends 502.</summary>
    ProxyLoopDetected,
}
