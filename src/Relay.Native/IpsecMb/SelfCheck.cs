using System.Security.Cryptography;

namespace Relay.Native.IpsecMb;

/// <summary>
/// Holds the library to the runtime's own ciphers before it is used: its tests of itself know other ways of calling it.
/// </summary>
internal static unsafe class SelfCheck
{
    // Whole runs of blocks, and what is left of them.
    private static readonly int[] Lengths = [0, 1, 15, 16, 129, 1130];

    /// <summary>The first cipher by which a packet is not what it ought to be; null where all are right.</summary>
    internal static PacketCipher? FindWrong(IpsecMbLibrary library)
    {
        foreach (var cipher in Enum.GetValues<PacketCipher>())
        {
            if (!Lengths.All(length => IsRight(library, cipher, length)))
                return cipher;
        }
        return null;
    }

    private static bool IsRight(IpsecMbLibrary library, PacketCipher cipher, int length)
    {
        var key = RandomNumberGenerator.GetBytes(PacketKey.LengthOf(cipher));
        var nonce = RandomNumberGenerator.GetBytes(PacketKey.NonceLength);
        var header = RandomNumberGenerator.GetBytes(21);
        var plaintext = RandomNumberGenerator.GetBytes(length);
        var expected = new byte[length + PacketKey.TagLength];
        var body = expected.AsSpan(0, length);
        var tag = expected.AsSpan(length);
        if (cipher != PacketCipher.ChaCha20Poly1305)
        {
            using var aes = new AesGcm(key, PacketKey.TagLength);
            aes.Encrypt(nonce, plaintext, body, tag, header);
        }
        else if (ChaCha20Poly1305.IsSupported)
        {
            using var chaCha = new ChaCha20Poly1305(key);
            chaCha.Encrypt(nonce, plaintext, body, tag, header);
        }
        else
        {
            return true;
        }
        var sealedPacket = new byte[expected.Length];
        var own = PacketKey.Create(library, cipher, key);
        try
        {
            fixed (byte* to = sealedPacket, from = plaintext, salt = nonce, about = header)
            {
                own->Seal(to, from, (nuint)length, salt, about, (nuint)header.Length);
                return sealedPacket.AsSpan().SequenceEqual(expected)
                    && own->TryOpen(to, to, (nuint)sealedPacket.Length, salt, about, (nuint)header.Length)
                    && sealedPacket.AsSpan(0, length).SequenceEqual(plaintext);
            }
        }
        finally
        {
            PacketKey.Free(own);
        }
    }
}
