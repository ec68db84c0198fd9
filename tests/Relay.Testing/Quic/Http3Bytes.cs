using System.Text;

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
        var section = new List<byte> { 0, 0 };
        foreach (var (name, value) in fields)
        {
            Prefixed(section, 0x20, 3, name.Length);
            section.AddRange(Encoding.Latin1.GetBytes(name));
            Prefixed(section, 0, 7, value.Length);
            section.AddRange(Encoding.Latin1.GetBytes(value));
        }
        return [1, (byte)(0x40 | (section.Count >> 8)), (byte)section.Count, .. section];
    }

    /// <summary>RFC 7541 §5.1.</summary>
    private static void Prefixed(List<byte> to, byte flags, int bits, int value)
    {
        var most = (1 << bits) - 1;
        if (value < most)
        {
            to.Add((byte)(flags | value));
            return;
        }
        to.Add((byte)(flags | most));
        for (value -= most; value >= 128; value >>= 7)
            to.Add((byte)(0x80 | (value & 0x7f)));
        to.Add((byte)value);
    }
}
