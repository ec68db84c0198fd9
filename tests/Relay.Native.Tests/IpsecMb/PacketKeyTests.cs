using Relay.Native.IpsecMb;
using Relay.Native.Tests.Abi;

namespace Relay.Native.Tests.IpsecMb;

/// <summary>Packet protection by libipsec_mb, against vectors and against others that do the same.</summary>
public sealed class PacketKeyTests
{
    private const int Longest = 1500;

    private static readonly PacketCipher[] Ciphers = Enum.GetValues<PacketCipher>();

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void Seal_AndOpen_DoWhatTheVectorsSay(string backend)
    {
        foreach (var vector in Vectors.Nist.Concat(Vectors.Rfc))
        {
            using var cipher = Backends.Create(backend, vector.Cipher, Bytes(vector.Key));
            var (nonce, header) = (Bytes(vector.Nonce), Bytes(vector.Header));
            var (plaintext, ciphertext) = (Bytes(vector.Plaintext), Bytes(vector.Sealed));
            var made = new byte[ciphertext.Length];
            cipher.Seal(nonce, header, plaintext, made);
            Assert.Equal(ciphertext, made);
            var opened = new byte[plaintext.Length];
            Assert.True(cipher.TryOpen(nonce, header, ciphertext, opened));
            Assert.Equal(plaintext, opened);

            var place = new byte[ciphertext.Length];
            plaintext.CopyTo(place, 0);
            cipher.Seal(nonce, header, place.AsSpan(0, plaintext.Length), place);
            Assert.Equal(ciphertext, place);
            Assert.True(cipher.TryOpen(nonce, header, place, place.AsSpan(0, plaintext.Length)));
            Assert.Equal(plaintext, place[..plaintext.Length]);
        }
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void Open_ForgedVectors_Fails(string backend)
    {
        foreach (var vector in Vectors.NistForged)
        {
            using var cipher = Backends.Create(backend, vector.Cipher, Bytes(vector.Key));
            var ciphertext = Bytes(vector.Sealed);
            Assert.False(cipher.TryOpen(Bytes(vector.Nonce), Bytes(vector.Header), ciphertext, new byte[51]));
            Assert.False(cipher.TryOpen(
                Bytes(vector.Nonce), Bytes(vector.Header), ciphertext, ciphertext.AsSpan(0, 51)));
        }
    }

    /// <summary>Each length with a key, nonce and header of its own, sealed and opened by all, in place and not.</summary>
    [Fact]
    public void Libraries_OfEveryLength_UnderstandEachOther()
    {
        var (library, avx2) = (InstalledLibrary.Require(), InstalledLibrary.RequireAvx2());
        var random = new Random(20261129);
        foreach (var cipher in Ciphers)
        {
            for (var length = 0; length <= Longest; length++)
            {
                var key = Random(random, PacketKey.LengthOf(cipher));
                var (nonce, header) = (Random(random, PacketKey.NonceLength), Random(random, random.Next(1, 64)));
                var plaintext = Random(random, length);
                using var ours = new IpsecMbCipher(library, cipher, key);
                using var narrow = new IpsecMbCipher(avx2, cipher, key);
                using var gnuTls = TlsLibraryCipher.GnuTls(cipher, key);
                using var openSsl = TlsLibraryCipher.HasOpenSsl ? TlsLibraryCipher.OpenSsl(cipher, key) : null;
                using var net = new NetCipher(cipher, key);
                IEnumerable<IKeyedCipher> all = openSsl is null ? [ours, narrow, gnuTls, net] : [ours, narrow, gnuTls, openSsl, net];
                var expected = new byte[length + PacketKey.TagLength];
                net.Seal(nonce, header, plaintext, expected);
                foreach (var one in all)
                {
                    var made = new byte[expected.Length];
                    one.Seal(nonce, header, plaintext, made);
                    AssertSame(expected, made);
                    plaintext.CopyTo(made, 0);
                    one.Seal(nonce, header, made.AsSpan(0, length), made);
                    AssertSame(expected, made);

                    var opened = new byte[length];
                    Assert.True(one.TryOpen(nonce, header, expected, opened));
                    AssertSame(plaintext, opened);
                    Assert.True(one.TryOpen(nonce, header, made, made.AsSpan(0, length)));
                    AssertSame(plaintext, made.AsSpan(0, length));
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public void Open_AnythingChanged_Fails(string backend) => TryAllChanged(backend, static _ => { });

    /// <summary>What an attacker chose is not left where the plaintext would be, as it is by other libraries.</summary>
    [Theory]
    [MemberData(nameof(Backends.OfIpsecMb), MemberType = typeof(Backends))]
    public void Open_AnythingChanged_LeavesNothing(string backend) =>
        TryAllChanged(backend, static opened => Assert.Equal(-1, opened.AsSpan().IndexOfAnyExcept((byte)0)));

    private static void TryAllChanged(string backend, Action<byte[]> lookAt)
    {
        var random = new Random(8439);
        foreach (var cipher in Ciphers)
        {
            foreach (var length in (int[])[0, 1, 15, 16, 17, 64, 255, 1130, Longest])
            {
                using var key = Backends.Create(backend, cipher, Random(random, PacketKey.LengthOf(cipher)));
                var (nonce, header) = (Random(random, PacketKey.NonceLength), Random(random, 20));
                var ciphertext = new byte[length + PacketKey.TagLength];
                key.Seal(nonce, header, Random(random, length), ciphertext);
                byte[][] parts = [nonce, header, ciphertext];
                foreach (var part in parts)
                {
                    // One bit of each byte of the tag, and of some of the rest.
                    for (var at = 0; at < part.Length; at += part.Length - at > PacketKey.TagLength ? 7 : 1)
                    {
                        var bit = (byte)(1 << random.Next(8));
                        part[at] ^= bit;
                        var opened = Enumerable.Repeat((byte)0xee, length).ToArray();
                        Assert.False(key.TryOpen(nonce, header, ciphertext, opened));
                        lookAt(opened);
                        var place = ciphertext.ToArray();
                        Assert.False(key.TryOpen(nonce, header, place, place.AsSpan(0, length)));
                        lookAt(place[..length]);
                        part[at] ^= bit;
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    public void Open_ShorterThanATag_Fails(int length)
    {
        using var ours = new IpsecMbCipher(InstalledLibrary.Require(), PacketCipher.Aes128Gcm, new byte[16]);
        Assert.False(ours.TryOpen(new byte[12], [1], new byte[length], new byte[1]));
    }

    /// <summary>AES keys are in memory as such until the first packet only, and no key is once it was given up.</summary>
    [Theory]
    [InlineData(nameof(PacketCipher.Aes128Gcm), true)]
    [InlineData(nameof(PacketCipher.Aes256Gcm), true)]
    [InlineData(nameof(PacketCipher.ChaCha20Poly1305), false)]
    public unsafe void Wipe_LeavesNothing(string cipher, bool expands)
    {
        byte[] secret = [.. Enumerable.Range(1, PacketKey.MaxLength).Select(static i => (byte)i)];
        var key = PacketKey.Create(InstalledLibrary.Require(), Enum.Parse<PacketCipher>(cipher), secret);
        try
        {
            Assert.Equal(1, key->RawBytes[0]);
            Assert.True(key->ExpandedBytes.IsEmpty);
            fixed (byte* some = new byte[64])
                key->Seal(some, some, 16, some + 40, some + 56, 8);
            Assert.Equal(expands, key->RawBytes.IndexOfAnyExcept((byte)0) < 0);
            Assert.Equal(expands, key->ExpandedBytes.IndexOfAnyExcept((byte)0) >= 0);
            key->Wipe();
            Assert.Equal((-1, -1), (key->RawBytes.IndexOfAnyExcept((byte)0), key->ExpandedBytes.IndexOfAnyExcept((byte)0)));
        }
        finally
        {
            PacketKey.Free(key);
        }
    }

    [Fact]
    public void ExpandedSize_IsEnough()
    {
        var size = Assert.Single(CCompiler.Run(
            IpsecMbConstants.Header, """    printf("%zu\n", sizeof(struct gcm_key_data));"""));
        Assert.InRange(int.Parse(size), 1, PacketKey.ExpandedSize);
    }

    private static void AssertSame(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual) =>
        Assert.True(expected.SequenceEqual(actual), $"{expected.Length} bytes differ");

    private static byte[] Bytes(string hexadecimal) => Convert.FromHexString(hexadecimal);

    private static byte[] Random(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
