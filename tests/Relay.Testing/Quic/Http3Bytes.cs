using Relay.Testing.Http2;

namespace Relay.Testing.Quic;

/// <summary>Requests as frames of HTTP/3, by QPACK without tables (RFC 9204 §4.5).</summary>
public static class Http3Bytes
{
    /// <summary>What a client says first on its control stream, which is 2: SETTINGS with datagrams (RFC 9297 §2.1.1).</summary>
    public static byte[] Control { get; } = [0, 4, 2, 0x33, 1];

    /// <summary>HEADERS of a UDP tunnel.</summary>
    public static byte[] ConnectUdp(string host = "target.test", int port = 53) => Headers(
        (":method", "CONNECT"), (":protocol", "connect-udp"), (":scheme", "https"), (":authority", "relay.test"),
        (":path", $"/.well-known/masque/udp/{host}/{port}/"), ("capsule-protocol", "?1"));

    /// <summary>HEADERS of a TCP tunnel.</summary>
    public static byte[] Connect(string authority) => Headers((":method", "CONNECT"), (":authority", authority));

    /// <summary>HEADERS of a request that opens none.</summary>
    public static byte[] Get { get; } =
        Headers((":method", "GET"), (":scheme", "https"), (":authority", "relay.test"), (":path", "/"));

    /// <summary>HEADERS of any fields, as literals.</summary>
    public static byte[] Headers(params (string Name, string Value)[] fields)
    {
        byte[] section = [0, 0, .. fields.SelectMany(static field => Literal(field.Name, field.Value))];
        return [1, (byte)(0x40 | (section.Length >> 8)), (byte)section.Length, .. section];
    }

    /// <summary>A field with a literal name (RFC 9204 §4.5.6).</summary>
    public static byte[] Literal(string name, string value) =>
        [.. FieldText.Write(name, bits: 3, flags: 0x20), .. FieldText.Write(value)];
}
