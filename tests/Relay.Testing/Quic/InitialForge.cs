using System.Buffers.Binary;

namespace Relay.Testing.Quic;

/// <summary>
/// Protects a client's Initial packet of QUIC v1 (RFC 9001 §5), so that a test can put any frames into one, and reads what a
/// server says to it: its keys follow from the connection ID that it carries.
/// </summary>
public static class InitialForge
{
    private const int Size = 1200;

    /// <summary>A packet of 1200 bytes, padded.</summary>
    public static byte[] Write(
        ReadOnlySpan<byte> destinationId, ReadOnlySpan<byte> sourceId, ReadOnlySpan<byte> frames, uint number = 0,
        ReadOnlySpan<byte> token = default)
    {
        byte[] head =
        [
            0xc0 | (PacketKeys.NumberLength - 1), 0, 0, 0, 1, (byte)destinationId.Length, .. destinationId,
            (byte)sourceId.Length, .. sourceId, .. QuicFrames.Of((ulong)token.Length), .. token, 0, 0,
        ];
        var length = Size - head.Length;
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(head.Length - 2), (ushort)(0x4000 | length));
        var plain = new byte[length - PacketKeys.NumberLength - PacketKeys.TagLength];
        frames.CopyTo(plain);
        using var keys = PacketKeys.OfInitial(destinationId, "client in");
        return keys.Protect(head, number, plain);
    }

    /// <summary>A CRYPTO frame (RFC 9000 §19.6).</summary>
    public static byte[] Crypto(int offset, ReadOnlySpan<byte> data) => QuicFrames.CryptoAt((ulong)offset, data);

    /// <summary>The frames of the Initial packet that a server's datagram begins with.</summary>
    /// <param name="datagram">All of it.</param>
    /// <param name="destinationId">The connection ID that the client's first packet was to.</param>
    public static List<ReceivedFrame> ReadFrames(ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> destinationId)
    {
        Assert.True(IsInitial(datagram), $"Not an Initial packet: {datagram[0]:x2}.");
        var numberAt = datagram.Length - AfterHead(datagram, out var length).Length;
        using var keys = PacketKeys.OfInitial(destinationId, "server in");
        Assert.True(keys.TryUnprotect(datagram[..(numberAt + length)], numberAt, 0, out _, out var frames));
        return ReceivedFrame.ReadAll(frames);
    }

    /// <summary>
    /// Whether a Handshake packet follows the Initial packet: the server has made its keys, and asks no second
    /// ClientHello.
    /// </summary>
    public static bool IsFollowedByHandshake(ReadOnlySpan<byte> datagram)
    {
        if (!IsInitial(datagram))
            return false;
        var rest = AfterHead(datagram, out var length);
        return rest.Length > length && (rest[length] & 0xf0) == 0xe0;
    }

    /// <summary>Reads a Retry packet (RFC 9000 §17.2.5).</summary>
    public static bool TryReadRetry(ReadOnlySpan<byte> datagram, out byte[] sourceId, out byte[] token)
    {
        sourceId = token = [];
        if ((datagram[0] & 0xf0) != 0xf0)
            return false;
        token = AfterIds(datagram, out sourceId)[..^PacketKeys.TagLength].ToArray();
        return true;
    }

    private static bool IsInitial(ReadOnlySpan<byte> datagram) => (datagram[0] & 0xf0) == 0xc0;

    /// <summary>What is behind the head of an Initial packet, and how much of that is the packet's.</summary>
    private static ReadOnlySpan<byte> AfterHead(ReadOnlySpan<byte> datagram, out int length)
    {
        var rest = AfterIds(datagram, out _);
        _ = WireReader.Block(ref rest); // the token
        length = (int)WireReader.Integer(ref rest);
        return rest;
    }

    private static ReadOnlySpan<byte> AfterIds(ReadOnlySpan<byte> packet, out byte[] sourceId)
    {
        var rest = packet[5..];
        rest = rest[(1 + rest[0])..];
        sourceId = rest.Slice(1, rest[0]).ToArray();
        return rest[(1 + rest[0])..];
    }
}
