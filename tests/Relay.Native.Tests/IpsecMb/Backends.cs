using Relay.Native.IpsecMb;

namespace Relay.Native.Tests.IpsecMb;

/// <summary>Everything that can protect packets, and what it is held to.</summary>
internal static class Backends
{
    private const string Avx512 = "libipsec_mb by AVX-512";
    private const string Avx2 = "libipsec_mb by AVX2";
    private const string GnuTls = "GnuTLS";
    private const string OpenSsl = "OpenSSL";
    private const string Net = ".NET";

    /// <summary>Their names, for tests of each.</summary>
    public static TheoryData<string> All => [Avx512, Avx2, GnuTls, OpenSsl, Net];

    /// <summary>Those of libipsec_mb alone.</summary>
    public static TheoryData<string> OfIpsecMb => [Avx512, Avx2];

    /// <summary>One by its name; skips the test where this machine lacks it.</summary>
    internal static IKeyedCipher Create(string name, PacketCipher cipher, ReadOnlySpan<byte> key)
    {
        switch (name)
        {
            case Avx512:
                return new IpsecMbCipher(InstalledLibrary.RequireAvx512(), cipher, key);
            case Avx2:
                return new IpsecMbCipher(InstalledLibrary.RequireAvx2(), cipher, key);
            case OpenSsl:
                Assert.SkipUnless(TlsLibraryCipher.HasOpenSsl, "ngtcp2's crypto library for OpenSSL is not here");
                return TlsLibraryCipher.OpenSsl(cipher, key);
            case GnuTls:
                return TlsLibraryCipher.GnuTls(cipher, key);
            default:
                return new NetCipher(cipher, key);
        }
    }
}
