using Relay.Native.IpsecMb;

namespace Relay.Native.Tests.IpsecMb;

/// <summary>Each reason not to use the library, in one line.</summary>
public sealed class LoadTests
{
    [Fact]
    public void TryLoad_WhatIsThere_SaysItsVersion() =>
        Assert.Matches(@"^[12]\.\d+\.\d+", InstalledLibrary.Require().Version);

    [Fact]
    public void TryLoad_NothingThere_NamesAllThatWasSought()
    {
        Assert.Null(IpsecMbLibrary.TryLoad(["libAbsent.so.7", "libAbsent.so.6"], out var whyNot));
        Assert.Matches("^libAbsent.so.7: cannot open[^\n]*; libAbsent.so.6: cannot open[^\n]*$", whyNot);
    }

    [Fact]
    public void TryLoad_NoLibraryAtAll_SaysSo()
    {
        using var folder = new ScratchFolder();
        var path = Path.Combine(folder.Path, "libIPSec_MB.so.2");
        File.WriteAllText(path, "not a library");
        Assert.Null(IpsecMbLibrary.TryLoad([path], out var whyNot));
        Assert.StartsWith($"{path}: ", whyNot);
    }

    [Fact]
    public void TryLoad_AnotherLibrary_SaysSo()
    {
        Assert.Null(IpsecMbLibrary.TryLoad([GnuTls.NativeMethods.Library], out var whyNot));
        Assert.Equal("libgnutls.so.30 is another library, or an old one", whyNot);
    }

    /// <summary>What has no AVX-512, by its processor or its system, gets functions that do without.</summary>
    [Fact]
    public unsafe void TryLoad_WithoutAvx512_TakesOtherFunctions()
    {
        var (wide, narrow) = (InstalledLibrary.RequireAvx512(), InstalledLibrary.RequireAvx2());
        Assert.NotEqual((nint)wide.Functions->gcm128_enc, (nint)narrow.Functions->gcm128_enc);
        Assert.NotEqual(
            (nint)wide.Functions->chacha20_poly1305_enc_update, (nint)narrow.Functions->chacha20_poly1305_enc_update);
    }

    [Theory]
    [InlineData(IpsecMbConstants.IMB_FEATURE_AESNI, "AES-NI")]
    [InlineData(IpsecMbConstants.IMB_FEATURE_PCLMULQDQ, "PCLMULQDQ")]
    [InlineData(IpsecMbConstants.IMB_FEATURE_AVX2 | IpsecMbConstants.IMB_FEATURE_AESNI, "AES-NI, AVX2")]
    public void TryLoad_ProcessorWithoutAFeature_NamesIt(ulong hidden, string names)
    {
        _ = InstalledLibrary.Require();
        Assert.Null(IpsecMbLibrary.TryLoad(IpsecMbLibrary.Names, out var whyNot, hidden));
        Assert.Equal($"this processor lacks {names}", whyNot);
    }

    // As a build would do whose functions do not what others' do.
    [Fact]
    public unsafe void SelfCheck_FunctionThatDoesOtherwise_IsFound()
    {
        var library = InstalledLibrary.Require();
        Assert.Null(SelfCheck.FindWrong(library));
        var altered = *library.Functions;
        altered.gcm256_enc = library.Functions->gcm256_dec;
        Assert.Equal(PacketCipher.Aes256Gcm, SelfCheck.FindWrong(new IpsecMbLibrary(&altered, "")));
        altered = *library.Functions;
        altered.chacha20_poly1305_dec_update = library.Functions->chacha20_poly1305_enc_update;
        Assert.Equal(PacketCipher.ChaCha20Poly1305, SelfCheck.FindWrong(new IpsecMbLibrary(&altered, "")));
    }
}
