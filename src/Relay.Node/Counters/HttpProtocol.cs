namespace Relay.Node.Counters;

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

/// <summary>What versions of HTTP are called in logs, metrics and session records.</summary>
internal static class HttpProtocolNames
{
    /// <summary>The version's number.</summary>
    public static string Of(HttpProtocol protocol) => protocol switch
    {
        HttpProtocol.Http11 => "1.1",
        HttpProtocol.Http2 => "2",
        HttpProtocol.Http3 => "3",
        _ => throw new ArgumentOutOfRangeException(nameof(protocol), protocol, null),
    };
}
