namespace Relay.Load.Client;

/// <summary>The version of HTTP that a connection speaks, and with it what is beneath.</summary>
internal enum HttpProtocol
{
    /// <summary>HTTP/1.1 over TLS and TCP: a connection is one tunnel.</summary>
    Http1 = 1,

    /// <summary>HTTP/2 over TLS and TCP.</summary>
    Http2 = 2,

    /// <summary>HTTP/3 over QUIC.</summary>
    Http3 = 3,
}
