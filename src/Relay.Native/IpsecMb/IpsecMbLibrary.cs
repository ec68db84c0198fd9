using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using Relay.Native.Linux;

namespace Relay.Native.IpsecMb;

/// <summary>libipsec_mb, if it is there and this processor has what makes it worth using. Never unloaded.</summary>
internal sealed unsafe class IpsecMbLibrary
{
    /// <summary>
    /// From here on the library tests itself before use, and the pointers are where <see cref="IMB_MGR"/> has them.
    /// </summary>
    private const uint FirstVersion = 0x010300;

    /// <summary>Nobody has looked at these yet: an expanded key may be larger, and pointers lie elsewhere.</summary>
    private const uint FirstUnknownVersion = 0x020100;

    /// <summary>What dlopen is asked for, the preferred first: Debian 13's, Debian 12's.</summary>
    internal static readonly string[] Names = ["libIPSec_MB.so.2", "libIPSec_MB.so.1"];

    /// <summary>
    /// AES and carry-less multiplication by instructions, since what the library has instead takes time that depends on
    /// the key; and AVX2, since without it the library is no faster than GnuTLS.
    /// </summary>
    private static readonly (ulong Feature, string Name)[] Required =
    [
        (IpsecMbConstants.IMB_FEATURE_AESNI, "AES-NI"),
        (IpsecMbConstants.IMB_FEATURE_PCLMULQDQ, "PCLMULQDQ"),
        (IpsecMbConstants.IMB_FEATURE_AVX2, "AVX2"),
    ];

    internal IpsecMbLibrary(IMB_MGR* functions, string version)
    {
        Functions = functions;
        Version = version;
    }

    /// <summary>Its functions for this processor; read by every thread.</summary>
    internal IMB_MGR* Functions { get; }

    /// <summary>For example <c>1.3.0</c>.</summary>
    internal string Version { get; }

    /// <summary>Loads the first that is there.</summary>
    /// <param name="names">Names or paths; see <see cref="Names"/>.</param>
    /// <param name="whyNot">One line that names the cause, where there is none to use.</param>
    /// <param name="hidden">Features of the processor to do without, for tests.</param>
    internal static IpsecMbLibrary? TryLoad(ReadOnlySpan<string> names, out string whyNot, ulong hidden = 0)
    {
        if (RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            whyNot = "libipsec_mb is for x86-64 only";
            return null;
        }
        var missing = new List<string>();
        foreach (var name in names)
        {
            if (Open(name, out var error) is var handle and not 0)
                return Examine(handle, name, hidden, out whyNot);
            missing.Add(error);
        }
        whyNot = string.Join("; ", missing);
        return null;
    }

    private static IpsecMbLibrary? Examine(nint handle, string name, ulong hidden, out string whyNot)
    {
        var wide = Avx512F.IsSupported && (hidden & IpsecMbConstants.IMB_FEATURE_AVX512F) == 0;
        if (!NativeLibrary.TryGetExport(handle, "imb_get_version", out var getVersion)
            || !NativeLibrary.TryGetExport(handle, "imb_get_version_str", out var getVersionText)
            || !NativeLibrary.TryGetExport(handle, "alloc_mb_mgr", out var allocate)
            || !NativeLibrary.TryGetExport(handle, "free_mb_mgr", out var free)
            || !NativeLibrary.TryGetExport(handle, wide ? "init_mb_mgr_auto" : "init_mb_mgr_avx2", out var initialize)
            || !NativeLibrary.TryGetExport(handle, "imb_get_errno", out var getError)
            || !NativeLibrary.TryGetExport(handle, "imb_get_strerror", out var getErrorText))
        {
            whyNot = $"{name} is another library, or an old one";
            return null;
        }
        var version = Text(((delegate* unmanaged[Cdecl]<byte*>)getVersionText)());
        if (((delegate* unmanaged[Cdecl]<uint>)getVersion)() is < FirstVersion or >= FirstUnknownVersion)
        {
            whyNot = $"{name} is version {version}; 1.3 to 2.0 can be used";
            return null;
        }
        // The library asks the processor alone; the runtime knows, too, whether the system keeps its registers.
        if (!Aes.IsSupported || !Pclmulqdq.IsSupported || !Avx2.IsSupported)
        {
            whyNot = "this processor, or its system, lacks AES-NI, PCLMULQDQ or AVX2";
            return null;
        }
        var manager = ((delegate* unmanaged[Cdecl]<ulong, IMB_MGR*>)allocate)(0);
        if (manager is null)
        {
            whyNot = $"{name} had no memory";
            return null;
        }
        // The second parameter is that of the first of the two.
        ((delegate* unmanaged[Cdecl]<IMB_MGR*, int*, void>)initialize)(manager, null);
        var error = ((delegate* unmanaged[Cdecl]<IMB_MGR*, int>)getError)(manager);
        whyNot = error != 0
            ? $"{name} {version} refused: {Text(((delegate* unmanaged[Cdecl]<int, byte*>)getErrorText)(error))}"
            : Lacking(manager->features & ~hidden);
        var library = new IpsecMbLibrary(manager, version);
        if (whyNot.Length == 0 && SelfCheck.FindWrong(library) is { } wrong)
            whyNot = $"{name} {version} does not encrypt by {wrong} as others do";
        if (whyNot.Length == 0)
            return library;
        ((delegate* unmanaged[Cdecl]<IMB_MGR*, void>)free)(manager);
        return null;
    }

    private static string Lacking(ulong features)
    {
        var lacking = Required.Where(one => (features & one.Feature) == 0).Select(static one => one.Name).ToArray();
        return lacking.Length == 0 ? "" : $"this processor lacks {string.Join(", ", lacking)}";
    }

    /// <summary>Unlike the runtime's own way, this tells the cause in one line.</summary>
    private static nint Open(string name, out string error)
    {
        nint handle;
        // Once before, since the runtime itself clears the message when it looks for dlerror.
        _ = NativeMethods.dlerror();
        fixed (byte* path = Encoding.UTF8.GetBytes(name + '\0'))
            handle = NativeMethods.dlopen(path, NativeMethods.RTLD_NOW);
        error = handle == 0 ? Text(NativeMethods.dlerror()) : "";
        return handle;
    }

    private static string Text(byte* value) => Marshal.PtrToStringUTF8((nint)value) ?? "";
}
