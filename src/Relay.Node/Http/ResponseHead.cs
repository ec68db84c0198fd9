using Relay.Protocol;

namespace Relay.Node.Http;

/// <summary>The head of a response, as far as it is the same over every version of HTTP.</summary>
/// <param name="Status">HTTP status; HTTP/1.1 has 101 for a tunnel that was asked for by Upgrade.</param>
/// <param name="ProxyStatus">RFC 9209; null for a request that is none to a proxy.</param>
internal readonly record struct ResponseHead(int Status, string? ProxyStatus)
{
    /// <summary>Whether a tunnel's bytes follow; else the response ends with its head.</summary>
    internal bool OpensTunnel => Status == 200;

    /// <summary>
    /// Whether it refuses what the client did; else what its target, a name server or the node itself could not do.
    /// </summary>
    internal bool IsClientsFault => Status is not (200 or 500 or 502 or 503 or 504);

    /// <summary>Whether what follows are capsules (RFC 9297 §3.4).</summary>
    internal bool HasCapsules { get; init; }

    /// <summary>Values of <c>Proxy-Authenticate</c>; of <c>WWW-Authenticate</c> where the status is 401.</summary>
    internal string[]? Challenges { get; init; }

    /// <summary>When another try may do better.</summary>
    internal int? RetryAfterSeconds { get; init; }

    /// <summary>Gives every field, in order, but those that a version of HTTP has of its own.</summary>
    internal void WriteFields(IResponseFields fields)
    {
        if (HasCapsules)
            fields.Add("capsule-protocol"u8, "?1");
        if (ProxyStatus is not null)
            fields.Add("proxy-status"u8, ProxyStatus);
        if (Status == 405)
            fields.Add("allow"u8, ConnectRequest.AllowedMethods);
        foreach (var challenge in Challenges ?? [])
            fields.Add(Status == 401 ? "www-authenticate"u8 : "proxy-authenticate"u8, challenge);
        if (RetryAfterSeconds is { } seconds)
            fields.Add("retry-after"u8, seconds.ToString());
    }
}

/// <summary>Takes the fields of a response.</summary>
internal interface IResponseFields
{
    /// <summary>Adds a field.</summary>
    /// <param name="name">In lower case.</param>
    /// <param name="value">ASCII without line breaks.</param>
    void Add(ReadOnlySpan<byte> name, string value);
}
