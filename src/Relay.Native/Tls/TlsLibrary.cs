using System.Runtime.InteropServices;
using Relay.Native.Ngtcp2;
using OpenSslMethods = Relay.Native.OpenSsl.NativeMethods;

namespace Relay.Native.Tls;

/// <summary>Whose TLS a server speaks, over QUIC and TCP alike. Clients of this engine speak GnuTLS's.</summary>
public sealed unsafe class TlsLibrary
{
    /// <summary>The first OpenSSL with an interface for QUIC, which libngtcp2_crypto_ossl needs: 3.5.</summary>
    private const string FirstOfQuic = nameof(OpenSslMethods.SSL_set_quic_tls_cbs);

    private static readonly Lazy<string?> WhyNotOpenSsl = new(LoadOpenSsl);

    private readonly Func<string?> _version;

    private TlsLibrary(string name, string title, Func<string?> version) => (Name, Title, _version) = (name, title, version);

    /// <summary>GnuTLS.</summary>
    public static TlsLibrary GnuTls { get; } = new("gnutls", "GnuTLS",
        static () => Marshal.PtrToStringUTF8((nint)Native.GnuTls.NativeMethods.gnutls_check_version(null)));

    /// <summary>OpenSSL; to be used only where <see cref="CanUseOpenSsl"/>.</summary>
    public static TlsLibrary OpenSsl { get; } = new("openssl", "OpenSSL",
        static () => Marshal.PtrToStringUTF8((nint)OpenSslMethods.OpenSSL_version(OpenSslMethods.OPENSSL_VERSION_STRING)));

    /// <summary><c>gnutls</c> or <c>openssl</c>.</summary>
    public string Name { get; }

    /// <summary>As it calls itself.</summary>
    public string Title { get; }

    /// <summary>Its name and version.</summary>
    public override string ToString() => $"{Title} {_version()}";

    /// <summary>Whether OpenSSL, in a version that has what QUIC needs, and ngtcp2's library for it are there.</summary>
    /// <param name="whyNot">One line that names what is missing, and what to install.</param>
    public static bool CanUseOpenSsl(out string whyNot)
    {
        whyNot = WhyNotOpenSsl.Value ?? "";
        return WhyNotOpenSsl.Value is null;
    }

    private static string? LoadOpenSsl()
    {
        var assembly = typeof(TlsLibrary).Assembly;
        if (!NativeLibrary.TryLoad(OpenSslMethods.Ssl, assembly, null, out var ssl))
            return $"the native library {OpenSslMethods.Ssl} is missing; install OpenSSL 3.5 or later";
        if (!NativeLibrary.TryGetExport(ssl, FirstOfQuic, out _))
            return $"{OpenSsl} is older than 3.5, which Debian 13 has";
        if (!NativeLibrary.TryLoad(CryptoLibrary.OpenSslName, assembly, null, out _))
            return $"the native library {CryptoLibrary.OpenSslName} is missing; install the package " +
                "libngtcp2-crypto-ossl0 (on Debian 13 from trixie-backports)";
        // Whoever comes first decides: threads of the runtime may be at work in libcrypto when the process ends.
        _ = OpenSslMethods.OPENSSL_init_crypto(OpenSslMethods.OPENSSL_INIT_NO_ATEXIT, null);
        return CryptoNativeMethods.ngtcp2_crypto_ossl_init() == 0
            ? null : $"{CryptoLibrary.OpenSslName} finds no ciphers in {OpenSsl}";
    }
}
