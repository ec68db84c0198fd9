using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>
/// Protects a client's Initial packet of QUIC v1 (RFC 9001 §5), so that a test can put any frames into one: its keys
/// follow from the connection ID that it carries.
/// </summary>
internal static class InitialForge
{
    private const int TagLength = 16;
    private const int NumberLength = 4;

    private static readonly byte[] Salt = Convert.FromHexString("38762cf7f55934b34d179ae6a4c80cadccbb7f0a");

    /// <summary>A packet of 1200 bytes, padded.</summary>
    public static byte[] Write(
        ReadOnlySpan<byte> destinationId, ReadOnlySpan<byte> sourceId, ReadOnlySpan<byte> frames, uint number = 0,
        ReadOnlySpan<byte> token = default)
    {
        var secret = Expand(HKDF.Extract(HashAlgorithmName.SHA256, destinationId.ToArray(), Salt), "client in", 32);
        var (key, iv) = (Expand(secret, "quic key", 16), Expand(secret, "quic iv", 12));
        byte[] head =
        [
            0xc0 | (NumberLength - 1), 0, 0, 0, 1, (byte)destinationId.Length, .. destinationId, (byte)sourceId.Length,
            .. sourceId, .. Varint((ulong)token.Length), .. token, 0, 0,
        ];
        var packet = new byte[1200];
        var length = packet.Length - head.Length;
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(head.Length - 2), (ushort)(0x4000 | length));
        head.CopyTo(packet, 0);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(head.Length), number);
        var nonceEnd = iv.AsSpan(^NumberLength..);
        BinaryPrimitives.WriteUInt32BigEndian(nonceEnd, BinaryPrimitives.ReadUInt32BigEndian(nonceEnd) ^ number);
        var header = packet.AsSpan(0, head.Length + NumberLength);
        var plain = new byte[length - NumberLength - TagLength];
        frames.CopyTo(plain);
        using (var aead = new AesGcm(key, TagLength))
            aead.Encrypt(iv, plain, packet.AsSpan(header.Length, plain.Length), packet.AsSpan(^TagLength..), header);
        Mask(packet, head.Length, Expand(secret, "quic hp", 16));
        return packet;
    }

    /// <summary>A CRYPTO frame (RFC 9000 §19.6).</summary>
    public static byte[] Crypto(int offset, ReadOnlySpan<byte> data) =>
        [6, .. Varint((ulong)offset), .. Varint((ulong)data.Length), .. data];

    /// <summary>
    /// Whether a Handshake packet follows the Initial packet: the server has made its keys, and asks no second
    /// ClientHello.
    /// </summary>
    public static bool IsFollowedByHandshake(ReadOnlySpan<byte> datagram)
    {
        if ((datagram[0] & 0xf0) != 0xc0)
            return false;
        var rest = AfterIds(datagram, out _);
        rest = rest[(int)ReadVarint(ref rest)..];
        var length = (int)ReadVarint(ref rest);
        return rest.Length > length && (rest[length] & 0xf0) == 0xe0;
    }

    /// <summary>Reads a Retry packet (RFC 9000 §17.2.5).</summary>
    public static bool TryReadRetry(ReadOnlySpan<byte> datagram, out byte[] sourceId, out byte[] token)
    {
        sourceId = token = [];
        if ((datagram[0] & 0xf0) != 0xf0)
            return false;
        token = AfterIds(datagram, out sourceId)[..^TagLength].ToArray();
        return true;
    }

    private static ReadOnlySpan<byte> AfterIds(ReadOnlySpan<byte> packet, out byte[] sourceId)
    {
        var rest = packet[5..];
        rest = rest[(1 + rest[0])..];
        sourceId = rest.Slice(1, rest[0]).ToArray();
        return rest[(1 + rest[0])..];
    }

    private static ulong ReadVarint(ref ReadOnlySpan<byte> source)
    {
        Assert.True(VariableLengthInteger.TryRead(source, out var value, out var consumed));
        source = source[consumed..];
        return value;
    }

    private static byte[] Varint(ulong value)
    {
        var bytes = new byte[VariableLengthInteger.GetLength(value)];
        VariableLengthInteger.Write(bytes, value);
        return bytes;
    }

    /// <summary>Header protection (RFC 9001 §5.4).</summary>
    private static void Mask(byte[] packet, int numberStart, byte[] key)
    {
        using var aes = Aes.Create();
        aes.Key = key;
        var mask = aes.EncryptEcb(packet.AsSpan(numberStart + 4, 16), PaddingMode.None);
        packet[0] ^= (byte)(mask[0] & 0x0f);
        for (var i = 0; i < NumberLength; i++)
            packet[numberStart + i] ^= mask[i + 1];
    }

    /// <summary>HKDF-Expand-Label (RFC 8446 §7.1) with an empty context.</summary>
    private static byte[] Expand(byte[] secret, string label, int length)
    {
        var full = Encoding.ASCII.GetBytes("tls13 " + label);
        byte[] info = [(byte)(length >> 8), (byte)length, (byte)full.Length, .. full, 0];
        return HKDF.Expand(HashAlgorithmName.SHA256, secret, length, info);
    }
}
