using System.Runtime.Intrinsics.X86;
using Relay.Native.IpsecMb;

namespace Relay.Native.Tests.IpsecMb;

/// <summary>The machine's libipsec_mb.</summary>
internal static class InstalledLibrary
{
    private static readonly IpsecMbLibrary? Loaded = IpsecMbLibrary.TryLoad(IpsecMbLibrary.Names, out _);

    private static readonly IpsecMbLibrary? Narrow =
        IpsecMbLibrary.TryLoad(IpsecMbLibrary.Names, out _, IpsecMbConstants.IMB_FEATURE_AVX512F);

    /// <summary>As a node takes it; skips the test where there is none to use.</summary>
    internal static IpsecMbLibrary Require() => Require(Loaded);

    /// <summary>With what it has for processors that have AVX2 and no more.</summary>
    internal static IpsecMbLibrary RequireAvx2() => Require(Narrow);

    /// <summary>With what it has for AVX-512, which is as a node takes it where the processor has that.</summary>
    internal static IpsecMbLibrary RequireAvx512()
    {
        Assert.SkipUnless(Avx512F.IsSupported, "this processor has no AVX-512");
        return Require(Loaded);
    }

    private static IpsecMbLibrary Require(IpsecMbLibrary? library)
    {
        Assert.SkipWhen(library is null, "libipsec_mb cannot be used");
        return library!;
    }
}
