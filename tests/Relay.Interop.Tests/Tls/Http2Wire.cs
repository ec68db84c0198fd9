using System.Buffers.Binary;
using System.Text;

namespace Relay.Interop.Tests.Tls;

/// <summary>Frames of HTTP/2 (RFC 9113 §4.1) that a test writes and reads by hand.</summary>
internal static class Http2Wire
{
    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte Reset = 3;
    public const byte Settings = 4;
    public const byte GoAway = 7;
    public const byte WindowUpdate = 8;

    public const byte EndStream = 1;
    public const byte EndHeaders = 4;

    /// <summary>What a client says first, whose windows have no end: SETTINGS_INITIAL_WINDOW_SIZE, and the connection's.</summary>
    public static byte[] Preface { get; } =
    [
        .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, 0, [0, 4, 0x7f, 0xff, 0xff, 0xff]),
        .. Frame(WindowUpdate, 0, 0, [0x7f, 0xff, 0, 0]),
    ];

    /// <summary>CONNECT to a target, by HPACK without its tables.</summary>
    public static byte[] Connect(EndPoint target)
    {
        var authority = Encoding.ASCII.GetBytes($"{target}");
        return [2, 7, .. "CONNECT"u8, 1, (byte)authority.Length, .. authority];
    }

    public static byte[] Frame(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        byte[] frame =
        [
            (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, 0, 0, 0, 0,
            .. payload,
        ];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        return frame;
    }

    /// <summary>Reads the next.</summary>
    public static async Task<(byte Type, byte Flags, byte[] Payload)> ReadFrameAsync(Stream stream, CancellationToken cancel)
    {
        var head = new byte[9];
        await stream.ReadExactlyAsync(head, cancel);
        var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >> 8];
        await stream.ReadExactlyAsync(payload, cancel);
        return (head[3], head[4], payload);
    }
}
