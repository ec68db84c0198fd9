using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using static Relay.Native.GnuTls.NativeMethods;

namespace Relay.Native.GnuTls;

/// <summary>The client's certificate, as a server judges it while the session lives.</summary>
internal static unsafe class PeerCertificate
{
    private static readonly byte[] ClientPurpose = Encoding.ASCII.GetBytes(GNUTLS_KP_TLS_WWW_CLIENT + "\0");

    /// <summary>
    /// GnuTLS's verify function. It judges the leaf alone: what else the client sent cannot lead from it to a root.
    /// </summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int Verify(nint session)
    {
        try
        {
            return IsAccepted(session) ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
        }
        catch (Exception)
        {
            return GNUTLS_E_CERTIFICATE_ERROR;
        }
    }

    /// <summary>Computes the SHA-256 of the leaf, in its DER form.</summary>
    /// <param name="session">A session whose handshake is complete.</param>
    /// <param name="destination">32 bytes.</param>
    /// <returns>False when the client has shown none.</returns>
    internal static bool TryHash(nint session, Span<byte> destination)
    {
        var leaf = Leaf(session);
        if (leaf is null)
            return false;
        _ = SHA256.HashData(new ReadOnlySpan<byte>(leaf->data, (int)leaf->size), destination);
        return true;
    }

    private static bool IsAccepted(nint session)
    {
        var leaf = Leaf(session);
        nint certificate;
        if (leaf is null || gnutls_x509_crt_init(&certificate) < 0)
            return false;
        try
        {
            return gnutls_x509_crt_import(certificate, leaf, GNUTLS_X509_FMT_DER) >= 0
                && IsEndEntity(certificate) && MaySign(certificate) && IsSignedByRoot(session, certificate);
        }
        finally
        {
            gnutls_x509_crt_deinit(certificate);
        }
    }

    /// <summary>An authority's own certificate, be it a root's or an intermediate's, is no client's.</summary>
    private static bool IsEndEntity(nint certificate)
    {
        uint critical;
        return gnutls_x509_crt_get_ca_status(certificate, &critical) is 0 or GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
    }

    // RFC 8446 §4.4.2.2: "the digitalSignature bit MUST be set if the Key Usage extension is present".
    private static bool MaySign(nint certificate)
    {
        uint usage, critical;
        var result = gnutls_x509_crt_get_key_usage(certificate, &usage, &critical);
        return result == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE
            || (result >= 0 && (usage & GNUTLS_KEY_DIGITAL_SIGNATURE) != 0);
    }

    /// <summary>Signature, times of both, what the root may sign, and the leaf's extended key usage.</summary>
    private static bool IsSignedByRoot(nint session, nint certificate)
    {
        nint credentials, roots;
        if (gnutls_credentials_get(session, GNUTLS_CRD_CERTIFICATE, &credentials) < 0)
            return false;
        gnutls_certificate_get_trust_list(credentials, &roots);
        fixed (byte* purpose = ClientPurpose)
        {
            var wanted = new gnutls_typed_vdata_st
            {
                type = GNUTLS_DT_KEY_PURPOSE_OID,
                data = purpose,
                size = (uint)ClientPurpose.Length - 1,
            };
            uint faults = uint.MaxValue;
            var result = gnutls_x509_trust_list_verify_crt2(
                roots, &certificate, 1, &wanted, 1, GNUTLS_VERIFY_DO_NOT_ALLOW_SAME, &faults, null);
            return result >= 0 && faults == 0;
        }
    }

    private static gnutls_datum_t* Leaf(nint session)
    {
        uint count;
        var chain = gnutls_certificate_get_peers(session, &count);
        return count == 0 ? null : chain;
    }
}
