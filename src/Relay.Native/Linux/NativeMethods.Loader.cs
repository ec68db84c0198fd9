using System.Runtime.InteropServices;

namespace Relay.Native.Linux;

internal static unsafe partial class NativeMethods
{
    [NativeConstant("RTLD_NOW", "dlfcn.h")]
    internal const int RTLD_NOW = 2;

    /// <summary>dlopen(3): a handle, or 0 and <see cref="dlerror"/>.</summary>
    [DllImport(Libc)]
    internal static extern nint dlopen(byte* filename, int flags);

    /// <summary>dlerror(3): one line that names the library and what is wrong with it.</summary>
    [DllImport(Libc)]
    internal static extern byte* dlerror();
}
