using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

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
    public static byte[] Write(ReadOnlySpan<byte> destinationId, ReadOnlySpan<byte> sourceId, ReadOnlySpan<byte> frames)
    {
        var secret = Expand(HKDF.Extract(HashAlgorithmName.SHA256, destinationId.ToArray(), Salt), "client in", 32);
        var (key, iv) = (Expand(secret, "quic key", 16), Expand(secret, "quic iv", 12));
        byte[] head =
        [
            0xc0 | (NumberLength - 1), 0, 0, 0, 1, (byte)destinationId.Length, .. destinationId, (byte)sourceId.Length,
            .. sourceId, 0, 0, 0,
        ];
        var packet = new byte[1200];
        var length = packet.Length - head.Length;
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(head.Length - 2), (ushort)(0x4000 | length));
        head.CopyTo(packet, 0);
        // Packet number 0: the nonce is the IV itself.
        var header = packet.AsSpan(0, head.Length + NumberLength);
        var plain = new byte[length - NumberLength - TagLength];
        frames.CopyTo(plain);
        using (var aead = new AesGcm(key, TagLength))
            aead.Encrypt(iv, plain, packet.AsSpan(header.Length, plain.Length), packet.AsSpan(^TagLength..), header);
        Mask(packet, head.Length, Expand(secret, "quic hp", 16));
        return packet;
    }

    /// <summary>A CRYPTO frame (RFC 9000 §19.6); offset and length below 16384.</summary>
    public static byte[] Crypto(int offset, ReadOnlySpan<byte> data) =>
        [6, (byte)(0x40 | (offset >> 8)), (byte)offset, (byte)(0x40 | (data.Length >> 8)), (byte)data.Length, .. data];

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
