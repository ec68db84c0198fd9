using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Relay.Testing.Quic;

/// <summary>
/// Keys of one direction of packets, by AES-128-GCM (RFC 9001 §5), apart from the product's own: so that a test
/// makes packets that no library would.
/// </summary>
public sealed class PacketKeys : IDisposable
{
    internal const int TagLength = 16;
    internal const int NumberLength = 4;

    private static readonly byte[] InitialSalt = Convert.FromHexString("38762cf7f55934b34d179ae6a4c80cadccbb7f0a");

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

    /// <summary>Those of Initial packets of version 1 (RFC 9001 §5.2).</summary>
    /// <param name="destination">The connection ID that the client's first packet is to.</param>
    /// <param name="label">Whose: <c>client in</c> or <c>server in</c>.</param>
    public static PacketKeys OfInitial(ReadOnlySpan<byte> destination, string label) =>
        new(Expand(HKDF.Extract(HashAlgorithmName.SHA256, destination.ToArray(), InitialSalt), label, 32));

    /// <summary>Makes a packet with a short header, whose number takes four bytes.</summary>
    /// <param name="destination">The connection ID.</param>
    /// <param name="number">Its number.</param>
    /// <param name="frames">What is in it, one byte and up.</param>
    /// <param name="flags">Bits of the first byte to set beside those that it has (RFC 9000 §17.3.1).</param>
    public byte[] Seal(ReadOnlySpan<byte> destination, ulong number, ReadOnlySpan<byte> frames, byte flags = 0) =>
        Protect([(byte)(0x40 | (NumberLength - 1) | flags), .. destination], number, frames);

    /// <summary>Makes a packet of what is before its number, which takes four bytes, and what is in it.</summary>
    public byte[] Protect(ReadOnlySpan<byte> head, ulong number, ReadOnlySpan<byte> frames)
    {
        var start = head.Length + NumberLength;
        var packet = new byte[start + frames.Length + TagLength];
        head.CopyTo(packet);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(head.Length), (uint)number);
        _payload.Encrypt(
            Nonce(number), frames, packet.AsSpan(start, frames.Length), packet.AsSpan(start + frames.Length), packet.AsSpan(0, start));
        var mask = MaskOf(packet, head.Length);
        packet[0] ^= mask[0];
        for (var i = 0; i < NumberLength; i++)
            packet[head.Length + i] ^= mask[1 + i];
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
        return Protect(
            [
                (byte)(0xe0 | (NumberLength - 1) | flags), 0, 0, 0, 1, (byte)destination.Length, .. destination, (byte)source.Length,
                .. source, (byte)(0x40 | (rest >> 8)), (byte)rest,
            ],
            number, frames);
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
        return packet.Length >= at + 4 + TagLength && (packet[0] & 0x80) == 0
            && TryUnprotect(packet, at, largest, out number, out frames);
    }

    /// <summary>The same of a packet with any header, whose number begins at an offset.</summary>
    public bool TryUnprotect(ReadOnlySpan<byte> packet, int at, ulong largest, out ulong number, out byte[] frames)
    {
        number = 0;
        var copy = packet.ToArray();
        var mask = MaskOf(copy, at);
        copy[0] ^= mask[0];
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

    /// <summary>What hides the first byte and the number (RFC 9001 §5.4.1): less of the first where the header is long.</summary>
    private byte[] MaskOf(ReadOnlySpan<byte> packet, int numberAt)
    {
        var mask = _header.EncryptEcb(packet.Slice(numberAt + 4, 16), PaddingMode.None);
        mask[0] &= (byte)((packet[0] & 0x80) != 0 ? 0x0f : 0x1f);
        return mask;
    }

    /// <summary>HKDF-Expand-Label (RFC 8446 §7.1) without a context.</summary>
    private static byte[] Expand(byte[] secret, string label, int length)
    {
        var full = Encoding.ASCII.GetBytes("tls13 " + label);
        return HKDF.Expand(HashAlgorithmName.SHA256, secret, length, [0, (byte)length, (byte)full.Length, .. full, 0]);
    }
}
