using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Relay.Native.Trust;
using static Relay.Native.OpenSsl.NativeMethods;

namespace Relay.Native.OpenSsl;

/// <summary>The client's certificate, as a server judges it: by the same rule as with GnuTLS.</summary>
internal static unsafe class PeerCertificate
{
    /// <summary>
    /// OpenSSL's verify function. It judges the leaf alone, unless intermediates are taken: what else the client sent cannot
    /// lead from it to a root. The alert is bad_certificate, whatever was wrong.
    /// </summary>
    /// <param name="store">What it judges.</param>
    /// <param name="argument">See <see cref="ClientTrust.Handle"/>; 0 for none.</param>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int Verify(nint store, nint argument)
    {
        bool accepted;
        try
        {
            accepted = IsAccepted(store, argument == 0 ? null : ClientTrust.Of(argument));
        }
        catch (Exception)
        {
            accepted = false;
        }
        // What was wrong with its bytes would be taken for the reason of the handshake's end.
        ERR_clear_error();
        if (accepted)
            return 1;
        X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
        return 0;
    }

    /// <summary>Copies the leaf, in its DER form.</summary>
    /// <param name="session">A session whose handshake is complete.</param>
    /// <returns>Null when the client has shown none.</returns>
    internal static byte[]? Copy(nint session) =>
        SSL_get0_peer_certificate(session) is var leaf and not 0 ? Export(leaf) : null;

    private static bool IsAccepted(nint store, ClientTrust? trust)
    {
        var leaf = X509_STORE_CTX_get0_cert(store);
        // An authority's own certificate, be it a root's or an intermediate's, is no client's. RFC 8446 §4.4.2.2: "the
        // digitalSignature bit MUST be set if the Key Usage extension is present"; without one, OpenSSL has all bits set.
        if (leaf == 0 || (X509_get_extension_flags(leaf) & EXFLAG_CA) != 0
            || (X509_get_key_usage(leaf) & KU_DIGITAL_SIGNATURE) == 0)
            return false;
        if (trust?.TakesIntermediates != true)
            X509_STORE_CTX_set0_untrusted(store, 0);
        else if (OPENSSL_sk_num(X509_STORE_CTX_get0_untrusted(store)) > ClientTrust.MaxChain)
            return false;
        // An intermediate that the operator trusts is trusted without its root.
        X509_STORE_CTX_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
        // libssl has set that it is to be a TLS client's. One that is in the file itself is signed by nobody there.
        return X509_verify_cert(store) == 1 && X509_STORE_CTX_get0_chain(store) is var chain && OPENSSL_sk_num(chain) > 1
            && (trust?.WantsPath != true || trust.Accepts(Path(chain)));
    }

    private static byte[][] Path(nint chain)
    {
        var path = new byte[OPENSSL_sk_num(chain)][];
        for (var i = 0; i < path.Length; i++)
            path[i] = Export(OPENSSL_sk_value(chain, i));
        return path;
    }

    private static byte[] Export(nint certificate)
    {
        var der = new byte[Math.Max(0, i2d_X509(certificate, null))];
        fixed (byte* data = der)
        {
            // It moves on what it is given.
            var end = data;
            _ = i2d_X509(certificate, &end);
        }
        return der;
    }
}
