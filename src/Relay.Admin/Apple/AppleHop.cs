namespace Relay.Admin.Apple;

/// <summary>A relay, one of a chain.</summary>
public sealed record AppleHop
{
    /// <summary>The relay by HTTP/3: HOST, HOST:PORT, or an https URI template of connect-udp (RFC 9298).</summary>
    public string? Http3Url { get; init; }

    /// <summary>The relay by HTTP/2, which devices use where UDP is blocked; in the same forms.</summary>
    public string? Http2Url { get; init; }

    /// <summary>Fields of each request to it, such as Authorization: secrets.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the device shows the identity to it; absent, it does where there is no other relay.</summary>
    public bool? UsesIdentity { get; init; }
}
