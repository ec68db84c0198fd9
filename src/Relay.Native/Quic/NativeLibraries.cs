using System.Runtime.InteropServices;
using Relay.Native.Tls;
using Ngtcp2Methods = Relay.Native.Ngtcp2.NativeMethods;
using Nghttp2Methods = Relay.Native.Nghttp2.NativeMethods;
using Nghttp3Methods = Relay.Native.Nghttp3.NativeMethods;

namespace Relay.Native.Quic;

/// <summary>The native libraries that the engine stands on: whether they are there, and in which version.</summary>
public static unsafe class NativeLibraries
{
    /// <summary>The first ngtcp2 whose settings carry path MTU probes (settings version 2).</summary>
    private const int MinimumNgtcp2 = 0x010b00;

    /// <summary>The first nghttp3 that this code was run against.</summary>
    private const int MinimumNghttp3 = 0x010800;

    /// <summary>The nghttp2 of Debian 12, with its security updates.</summary>
    private const int MinimumNghttp2 = 0x013400;

    /// <summary>What those updates brought: a bound of CONTINUATION frames (CVE-2024-28182).</summary>
    private const string NewestOfNghttp2 = nameof(Nghttp2Methods.nghttp2_option_set_max_continuations);

    private const string Nghttp2Package = "libnghttp2-14";

    private const string Backports = " (Debian 13 and later; on Debian 12 from bookworm-backports)";

    private static readonly (string Library, string Package, string From)[] Required =
    [
        (Ngtcp2Methods.Library, "libngtcp2-16", Backports),
        (Nghttp3Methods.Library, "libnghttp3-9", Backports),
        (Nghttp2Methods.Library, Nghttp2Package, ""),
    ];

    private static readonly (string Library, string Package, string From)[] RequiredByGnuTls =
    [
        (GnuTls.NativeMethods.Library, "libgnutls30", ""),
        (Ngtcp2.CryptoLibrary.GnuTlsName, "libngtcp2-crypto-gnutls8", Backports),
    ];

    /// <summary>Loads every library and checks its version.</summary>
    /// <param name="tls">The TLS library in use; null for GnuTLS.</param>
    /// <returns>One line that names the versions, for the log.</returns>
    /// <exception cref="NativeLibraryException">
    /// A library is missing or too old; the message names the package to install.
    /// </exception>
    public static string EnsureAvailable(TlsLibrary? tls = null)
    {
        tls ??= TlsLibrary.GnuTls;
        foreach (var (library, package, from) in tls == TlsLibrary.GnuTls ? [.. Required, .. RequiredByGnuTls] : Required)
        {
            if (!NativeLibrary.TryLoad(library, typeof(NativeLibraries).Assembly, null, out _))
                throw new NativeLibraryException(
                    $"the native library {library} is missing; install the package {package}{from}");
        }

        var ngtcp2 = Ngtcp2Methods.ngtcp2_version(0);
        var nghttp3 = Nghttp3Methods.nghttp3_version(0);
        RequireVersion("libngtcp2-16", ngtcp2->version_num, MinimumNgtcp2, ngtcp2->version_str);
        RequireVersion("libnghttp3-9", nghttp3->version_num, MinimumNghttp3, nghttp3->version_str);
        var nghttp2 = Nghttp2Methods.nghttp2_version(0);
        RequireVersion(Nghttp2Package, nghttp2->version_num, MinimumNghttp2, nghttp2->version_str);
        if (!NativeLibrary.TryGetExport(Load(Nghttp2Methods.Library), NewestOfNghttp2, out _))
            throw new NativeLibraryException(
                $"the native library of the package {Nghttp2Package} is version {Text(nghttp2->version_str)} without " +
                "its security updates; update the package");
        return $"ngtcp2 {Text(ngtcp2->version_str)}, nghttp3 {Text(nghttp3->version_str)}, " +
            $"nghttp2 {Text(nghttp2->version_str)}, {tls}";
    }

    internal static string Text(byte* value) => Marshal.PtrToStringUTF8((nint)value) ?? "";

    private static nint Load(string library) =>
        NativeLibrary.Load(library, typeof(NativeLibraries).Assembly, null);

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
