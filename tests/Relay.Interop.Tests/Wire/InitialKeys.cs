using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Relay.Interop.Tests.Wire;

/// <summary>Protection of QUIC version 1 Initial packets in one direction (RFC 9001 section 5.2).</summary>
internal sealed class InitialKeys : IDisposable
{
    private const int PacketNumberLength = 4;
    private const int TagLength = 16;

    private static readonly byte[] Salt = Convert.FromHexString("38762cf7f55934b34d179ae6a4c80cadccbb7f0a");

    private readonly AesGcm _payload;
    private readonly Aes _header = Aes.Create();
    private readonly byte[] _iv;

    private InitialKeys(byte[] secret)
    {
        _payload = new AesGcm(ExpandLabel(secret, "quic key", 16), TagLength);
        _iv = ExpandLabel(secret, "quic iv", 12);
        _header.Key = ExpandLabel(secret, "quic hp", 16);
    }

    public static InitialKeys OfClient(byte[] destination) => new(Secret(destination, "client in"));

    public static InitialKeys OfServer(byte[] destination) => new(Secret(destination, "server in"));

    /// <summary>
    /// Protects packet number 0. The header ends before its packet number, whose length it must give as 4.
    /// </summary>
    public byte[] Protect(byte[] header, byte[] payload)
    {
        byte[] packet = [.. header, .. new byte[PacketNumberLength + payload.Length + TagLength]];
        var start = header.Length + PacketNumberLength;
        _payload.Encrypt(
            _iv, payload, packet.AsSpan(start, payload.Length), packet.AsSpan(^TagLength..), packet.AsSpan(0, start));
        var mask = Mask(packet.AsSpan(start, 16));
        packet[0] ^= (byte)(mask[0] & 0x0f);
        for (var i = 0; i < PacketNumberLength; i++)
            packet[header.Length + i] ^= mask[1 + i];
        return packet;
    }

    /// <summary>Removes the protection of a packet whose packet number begins at the offset.</summary>
    public byte[] Unprotect(ReadOnlySpan<byte> protectedPacket, int numberAt)
    {
        var packet = protectedPacket.ToArray();
        var mask = Mask(packet.AsSpan(numberAt + 4, 16));
        packet[0] ^= (byte)(mask[0] & 0x0f);
        var numberLength = (packet[0] & 0x03) + 1;
        var number = 0u;
        for (var i = 0; i < numberLength; i++)
            number = number << 8 | (packet[numberAt + i] ^= mask[1 + i]);

        var nonce = _iv.ToArray();
        var low = nonce.AsSpan(8);
        BinaryPrimitives.WriteUInt32BigEndian(low, BinaryPrimitives.ReadUInt32BigEndian(low) ^ number);
        var start = numberAt + numberLength;
        var payload = new byte[packet.Length - start - TagLength];
        _payload.Decrypt(
            nonce, packet.AsSpan(start, payload.Length), packet.AsSpan(^TagLength..), payload, packet.AsSpan(0, start));
        return payload;
    }

    public void Dispose()
    {
        _payload.Dispose();
        _header.Dispose();
    }

    private byte[] Mask(ReadOnlySpan<byte> sample) => _header.EncryptEcb(sample, PaddingMode.None);

    private static byte[] Secret(byte[] destination, string label) =>
        ExpandLabel(HKDF.Extract(HashAlgorithmName.SHA256, destination, Salt), label, 32);

    // RFC 8446 section 7.1, with an empty context.
    private static byte[] ExpandLabel(byte[] secret, string label, int length)
    {
        var name = Encoding.ASCII.GetBytes("tls13 " + label);
        return HKDF.Expand(
            HashAlgorithmName.SHA256, secret, length, [0, (byte)length, (byte)name.Length, .. name, 0]);
    }
}
