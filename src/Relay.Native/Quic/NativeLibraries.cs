using System.Runtime.InteropServices;
using Ngtcp2Methods = Relay.Native.Ngtcp2.NativeMethods;
using Nghttp3Methods = Relay.Native.Nghttp3.NativeMethods;

namespace Relay.Native.Quic;

/// <summary>The native libraries that the engine stands on: whether they are there, and in which version.</summary>
public static unsafe class NativeLibraries
{
    /// <summary>The first ngtcp2 whose settings carry path MTU probes (settings version 2).</summary>
    private const int MinimumNgtcp2 = 0x010b00;

    /// <summary>The first nghttp3 that this code was run against.</summary>
    private const int MinimumNghttp3 = 0x010800;

    private static readonly (string Library, string Package)[] Required =
    [
        (GnuTls.NativeMethods.Library, "libgnutls30"),
        (Ngtcp2Methods.Library, "libngtcp2-16"),
        (Ngtcp2.CryptoNativeMethods.Library, "libngtcp2-crypto-gnutls8"),
        (Nghttp3Methods.Library, "libnghttp3-9"),
    ];

    /// <summary>Loads every library and checks its version.</summary>
    /// <returns>One line that names the versions, for the log.</returns>
    /// <exception cref="NativeLibraryException">
    /// A library is missing or too old; the message names the package to install.
    /// </exception>
    public static string EnsureAvailable()
    {
        foreach (var (library, package) in Required)
        {
            if (!NativeLibrary.TryLoad(library, typeof(NativeLibraries).Assembly, null, out _))
                throw new NativeLibraryException(
                    $"the native library {library} is missing; install the package {package} " +
                    "(Debian 13 and later; on Debian 12 from bookworm-backports)");
        }

        var ngtcp2 = Ngtcp2Methods.ngtcp2_version(0);
        var nghttp3 = Nghttp3Methods.nghttp3_version(0);
        RequireVersion("libngtcp2-16", ngtcp2->version_num, MinimumNgtcp2, ngtcp2->version_str);
        RequireVersion("libnghttp3-9", nghttp3->version_num, MinimumNghttp3, nghttp3->version_str);
        var gnutls = GnuTls.NativeMethods.gnutls_check_version(null);
        return $"ngtcp2 {Text(ngtcp2->version_str)}, nghttp3 {Text(nghttp3->version_str)}, GnuTLS {Text(gnutls)}";
    }

    internal static string Text(byte* value) => Marshal.PtrToStringUTF8((nint)value) ?? "";

    internal static nint Export(string library, string name) =>
        NativeLibrary.GetExport(NativeLibrary.Load(library, typeof(NativeLibraries).Assembly, null), name);

    private static void RequireVersion(string package, int actual, int minimum, byte* text)
    {
        if (actual < minimum)
            throw new NativeLibraryException(
                $"the native library of the package {package} is version {Text(text)}; " +
                $"at least {minimum >> 16}.{(minimum >> 8) & 0xff}.{minimum & 0xff} is needed");
    }
}

/// <summary>A native library is missing, too old, or refused to be set up.</summary>
/// <param name="message">What is wrong and what to do.</param>
public sealed class NativeLibraryException(string message) : Exception(message);
