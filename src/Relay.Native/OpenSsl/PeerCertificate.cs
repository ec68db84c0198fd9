using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static Relay.Native.OpenSsl.NativeMethods;

namespace Relay.Native.OpenSsl;

/// <summary>The client's certificate, as a server judges it: by the same rule as with GnuTLS.</summary>
internal static unsafe class PeerCertificate
{
    /// <summary>
    /// OpenSSL's verify function. It judges the leaf alone: what else the client sent cannot lead from it to a root. The alert
    /// is bad_certificate, whatever was wrong.
    /// </summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int Verify(nint store, nint argument)
    {
        var accepted = IsAccepted(store);
        // What was wrong with its bytes would be taken for the reason of the handshake's end.
        ERR_clear_error();
        if (accepted)
            return 1;
        X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
        return 0;
    }

    /// <summary>Computes the SHA-256 of the leaf, in its DER form.</summary>
    /// <param name="session">A session whose handshake is complete.</param>
    /// <param name="destination">32 bytes.</param>
    /// <returns>False when the client has shown none.</returns>
    internal static bool TryHash(nint session, Span<byte> destination)
    {
        var leaf = SSL_get0_peer_certificate(session);
        if (leaf == 0)
            return false;
        fixed (byte* hash = destination)
            return X509_digest(leaf, EVP_sha256(), hash, null) == 1;
    }

    private static bool IsAccepted(nint store)
    {
        var leaf = X509_STORE_CTX_get0_cert(store);
        // An authority's own certificate, be it a root's or an intermediate's, is no client's. RFC 8446 §4.4.2.2: "the
        // digitalSignature bit MUST be set if the Key Usage extension is present"; without one, OpenSSL has all bits set.
        if (leaf == 0 || (X509_get_extension_flags(leaf) & EXFLAG_CA) != 0
            || (X509_get_key_usage(leaf) & KU_DIGITAL_SIGNATURE) == 0)
            return false;
        X509_STORE_CTX_set0_untrusted(store, 0);
        // An intermediate that the operator trusts is trusted without its root.
        X509_STORE_CTX_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
        // libssl has set that it is to be a TLS client's. One that is in the file itself is signed by nobody there.
        return X509_verify_cert(store) == 1 && OPENSSL_sk_num(X509_STORE_CTX_get0_chain(store)) > 1;
    }
}
