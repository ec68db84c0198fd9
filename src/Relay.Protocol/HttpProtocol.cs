namespace Relay.Protocol;

/// <summary>A version of HTTP, with what is beneath it. Its values count from 0, so that they are places in lists.</summary>
public enum HttpProtocol
{
    /// <summary>HTTP/1.1 (RFC 9112).</summary>
    Http11,

    /// <summary>HTTP/2 (RFC 9113).</summary>
    Http2,

    /// <summary>HTTP/3 (RFC 9114).</summary>
    Http3,
}

/// <summary>What versions of HTTP are called in logs, metrics and session records.</summary>
public static class HttpProtocolNames
{
    /// <summary>The first of the version's numbers.</summary>
    /// <param name="protocol">Any defined version.</param>
    public static int MajorOf(HttpProtocol protocol) => 1 + (int)protocol;

    /// <summary>The version's number.</summary>
    /// <param name="protocol">Any defined version.</param>
    public static string Of(HttpProtocol protocol) => protocol switch
    {
        HttpProtocol.Http11 => "1.1",
        HttpProtocol.Http2 => "2",
        HttpProtocol.Http3 => "3",
        _ => throw new ArgumentOutOfRangeException(nameof(protocol), protocol, null),
    };
}
