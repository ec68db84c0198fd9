using System.Buffers.Binary;
using Relay.Native.Ngtcp2;

namespace Relay.Native.Quic;

/// <summary>The keys that follow from a secret of TLS (RFC 9001 §5.1, RFC 9369 §3.3.2).</summary>
internal static unsafe class PacketSecrets
{
    /// <summary>Derives the key of packets, the IV, and the key of header protection, as long as their spans are.</summary>
    /// <returns>Whether the crypto library could.</returns>
    internal static bool TryDerive(
        CryptoLibrary crypto, uint version, ngtcp2_crypto_md* hash, ReadOnlySpan<byte> secret, Span<byte> key, Span<byte> iv,
        Span<byte> headerKey)
    {
        var second = version == Ngtcp2Constants.NGTCP2_PROTO_VER_V2;
        return TryExpand(crypto, hash, secret, second ? "tls13 quicv2 key"u8 : "tls13 quic key"u8, key)
            && TryExpand(crypto, hash, secret, second ? "tls13 quicv2 iv"u8 : "tls13 quic iv"u8, iv)
            && TryExpand(crypto, hash, secret, second ? "tls13 quicv2 hp"u8 : "tls13 quic hp"u8, headerKey);
    }

    /// <summary>HKDF-Expand-Label without a context (RFC 8446 §7.1).</summary>
    private static bool TryExpand(
        CryptoLibrary crypto, ngtcp2_crypto_md* hash, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> label,
        Span<byte> result)
    {
        Span<byte> info = stackalloc byte[32];
        BinaryPrimitives.WriteUInt16BigEndian(info, (ushort)result.Length);
        info[2] = (byte)label.Length;
        label.CopyTo(info[3..]);
        info[3 + label.Length] = 0;
        fixed (byte* to = result, from = secret, about = info)
            return crypto.hkdf_expand(
                to, (nuint)result.Length, hash, from, (nuint)secret.Length, about, (nuint)(label.Length + 4)) == 0;
    }
}
