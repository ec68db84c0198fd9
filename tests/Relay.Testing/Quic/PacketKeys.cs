using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Relay.Testing.Quic;

/// <summary>
/// Keys of one direction of 1-RTT packets, by AES-128-GCM (RFC 9001 §5), apart from the product's own: so that a test
/// makes packets that no library would.
/// </summary>
public sealed class PacketKeys : IDisposable
{
    private const int TagLength = 16;
    private const int NumberLength = 4;

    private readonly AesGcm _payload;
    private readonly Aes _header = Aes.Create();
    private readonly byte[] _iv;
    private readonly byte[] _nonce = new byte[12];

    /// <param name="secret">As TLS has it, 32 bytes.</param>
    public PacketKeys(byte[] secret)
    {
        _payload = new AesGcm(Expand(secret, "quic key", 16), TagLength);
        _iv = Expand(secret, "quic iv", 12);
        _header.Key = Expand(secret, "quic hp", 16);
    }

    /// <summary>Makes a packet with a short header, whose number takes four bytes.</summary>
    /// <param name="destination">The connection ID.</param>
    /// <param name="number">Its number.</param>
    /// <param name="frames">What is in it, one byte and up.</param>
    /// <param name="flags">Bits of the first byte to set beside those that it has (RFC 9000 §17.3.1).</param>
    public byte[] Seal(ReadOnlySpan<byte> destination, ulong number, ReadOnlySpan<byte> frames, byte flags = 0)
    {
        var start = 1 + destination.Length + NumberLength;
        var packet = new byte[start + frames.Length + TagLength];
        packet[0] = (byte)(0x40 | (NumberLength - 1) | flags);
        destination.CopyTo(packet.AsSpan(1));
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(1 + destination.Length), (uint)number);
        _payload.Encrypt(
            Nonce(number), frames, packet.AsSpan(start, frames.Length), packet.AsSpan(start + frames.Length), packet.AsSpan(0, start));
        Mask(packet, 1 + destination.Length, NumberLength);
        return packet;
    }

    /// <summary>Makes a Handshake packet of version 1 (RFC 9000 §17.2.4), whose number takes four bytes.</summary>
    /// <param name="destination">The connection ID.</param>
    /// <param name="source">Whose it is.</param>
    /// <param name="number">Its number.</param>
    /// <param name="frames">What is in it.</param>
    /// <param name="flags">Bits of the first byte to set beside those that it has.</param>
    public byte[] SealHandshake(
        ReadOnlySpan<byte> destination, ReadOnlySpan<byte> source, ulong number, ReadOnlySpan<byte> frames, byte flags = 0)
    {
        var rest = NumberLength + frames.Length + TagLength;
        byte[] header =
        [
            (byte)(0xe0 | (NumberLength - 1) | flags), 0, 0, 0, 1, (byte)destination.Length, .. destination, (byte)source.Length,
            .. source, (byte)(0x40 | (rest >> 8)), (byte)rest, 0, 0, 0, 0,
        ];
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(header.Length - NumberLength), (uint)number);
        var packet = new byte[header.Length + frames.Length + TagLength];
        header.CopyTo(packet, 0);
        _payload.Encrypt(
            Nonce(number), frames, packet.AsSpan(header.Length, frames.Length), packet.AsSpan(header.Length + frames.Length), header);
        Mask(packet, header.Length - NumberLength, NumberLength);
        return packet;
    }

    /// <summary>Opens a packet with a short header.</summary>
    /// <param name="packet">All of it; left as it is.</param>
    /// <param name="destinationLength">The length of the connection ID.</param>
    /// <param name="largest">The largest number so far.</param>
    /// <param name="number">Its number.</param>
    /// <param name="frames">What is in it.</param>
    /// <returns>False where it is none of these keys'.</returns>
    public bool TryOpen(ReadOnlySpan<byte> packet, int destinationLength, ulong largest, out ulong number, out byte[] frames)
    {
        (number, frames) = (0, []);
        var at = 1 + destinationLength;
        // RFC 9287 §3: the bit that is else fixed may be of either value, where the client has said that it may.
        if (packet.Length < at + 4 + TagLength || (packet[0] & 0x80) != 0)
            return false;
        var copy = packet.ToArray();
        var mask = MaskOf(copy.AsSpan(at + 4, 16));
        copy[0] ^= (byte)(mask[0] & 0x1f);
        var length = (copy[0] & 3) + 1;
        for (var i = 0; i < length; i++)
            number = (number << 8) | (copy[at + i] ^= mask[1 + i]);
        number = Complete(number, 8 * length, largest);
        var start = at + length;
        frames = new byte[copy.Length - start - TagLength];
        try
        {
            _payload.Decrypt(
                Nonce(number), copy.AsSpan(start, frames.Length), copy.AsSpan(^TagLength..), frames, copy.AsSpan(0, start));
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _payload.Dispose();
        _header.Dispose();
    }

    /// <summary>RFC 9000 appendix A.3.</summary>
    private static ulong Complete(ulong truncated, int bits, ulong largest)
    {
        var (expected, window) = (largest + 1, 1ul << bits);
        var candidate = (expected & ~(window - 1)) | truncated;
        if (candidate + (window / 2) <= expected)
            return candidate + window;
        return candidate > expected + (window / 2) && candidate >= window ? candidate - window : candidate;
    }

    private ReadOnlySpan<byte> Nonce(ulong number)
    {
        _iv.CopyTo(_nonce, 0);
        var low = _nonce.AsSpan(4);
        BinaryPrimitives.WriteUInt64BigEndian(low, BinaryPrimitives.ReadUInt64BigEndian(low) ^ number);
        return _nonce;
    }

    private void Mask(byte[] packet, int at, int length)
    {
        var mask = MaskOf(packet.AsSpan(at + 4, 16));
        // RFC 9001 §5.4.1: four bits of a long header, five of a short one.
        packet[0] ^= (byte)(mask[0] & ((packet[0] & 0x80) != 0 ? 0x0f : 0x1f));
        for (var i = 0; i < length; i++)
            packet[at + i] ^= mask[1 + i];
    }

    private byte[] MaskOf(ReadOnlySpan<byte> sample) => _header.EncryptEcb(sample, PaddingMode.None);

    /// <summary>HKDF-Expand-Label (RFC 8446 §7.1) without a context.</summary>
    private static byte[] Expand(byte[] secret, string label, int length)
    {
        var full = Encoding.ASCII.GetBytes("tls13 " + label);
        return HKDF.Expand(HashAlgorithmName.SHA256, secret, length, [0, (byte)length, (byte)full.Length, .. full, 0]);
    }
}
