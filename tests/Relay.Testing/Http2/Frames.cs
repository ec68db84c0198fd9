using System.Buffers.Binary;

namespace Relay.Testing.Http2;

/// <summary>Writes frames (RFC 9113 §4.1) as they are said to be, right or wrong.</summary>
public static class Frames
{
    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte Priority = 2;
    public const byte ResetStream = 3;
    public const byte Settings = 4;
    public const byte PushPromise = 5;
    public const byte Ping = 6;
    public const byte GoAway = 7;
    public const byte WindowUpdate = 8;
    public const byte Continuation = 9;

    public const byte Ack = 0x1;
    public const byte EndStream = 0x1;
    public const byte EndHeaders = 0x4;
    public const byte Padded = 0x8;
    public const byte HasPriority = 0x20;

    public static byte[] Preface { get; } = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    /// <summary>The fields of a request for a TCP tunnel.</summary>
    public static byte[] Connect { get; } = ConnectTo("target.test:80");

    /// <summary>The fields of a request for a UDP tunnel.</summary>
    public static byte[] ConnectUdp { get; } = Fields(
        (":method", "CONNECT"), (":protocol", "connect-udp"), (":scheme", "https"), (":authority", "relay.test"),
        (":path", "/.well-known/masque/udp/target.test/53/"));

    /// <summary>The fields of a request that opens none.</summary>
    public static byte[] Get { get; } = Fields(
        (":method", "GET"), (":scheme", "https"), (":authority", "relay.test"), (":path", "/"));

    /// <summary>The same for a target.</summary>
    public static byte[] ConnectTo(string target) => Fields((":method", "CONNECT"), (":authority", target));

    public static byte[] Write(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[9 + payload.Length];
        (frame[0], frame[1], frame[2]) =
            ((byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(9));
        return frame;
    }

    /// <summary>A request's HEADERS frame that is all of it.</summary>
    public static byte[] Request(int stream, byte[] fields, bool ends = false) =>
        Write(Headers, (byte)(EndHeaders | (ends ? EndStream : 0)), stream, fields);

    public static byte[] Setting(int id, uint value)
    {
        var payload = new byte[6];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)id);
        BinaryPrimitives.WriteUInt32BigEndian(payload.AsSpan(2), value);
        return Write(Settings, 0, 0, payload);
    }

    public static byte[] Update(int stream, uint increment) => Write(WindowUpdate, 0, stream, Number(increment));

    public static byte[] Number(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    /// <summary>Fields as HPACK's literals that no table is to keep (RFC 7541 §6.2.2).</summary>
    public static byte[] Fields(params (string Name, string Value)[] fields) =>
        [.. fields.SelectMany(static field => (byte[])[0, .. FieldText.Write(field.Name), .. FieldText.Write(field.Value)])];
}
