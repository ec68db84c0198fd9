using Relay.Native.IpsecMb;

namespace Relay.Native.Tests.IpsecMb;

/// <summary>The machine's libipsec_mb.</summary>
internal static class InstalledLibrary
{
    private static readonly IpsecMbLibrary? Loaded = IpsecMbLibrary.TryLoad(IpsecMbLibrary.Names, out _);

    /// <summary>Skips the test where there is none to use.</summary>
    internal static IpsecMbLibrary Require()
    {
        Assert.SkipWhen(Loaded is null, "libipsec_mb cannot be used");
        return Loaded!;
    }
}
