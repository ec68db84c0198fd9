using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Relay.Native.Trust;
using static Relay.Native.GnuTls.NativeMethods;

namespace Relay.Native.GnuTls;

/// <summary>The client's certificate, as a server judges it while the session lives.</summary>
internal static unsafe class PeerCertificate
{
    private static readonly byte[] ClientPurpose = Encoding.ASCII.GetBytes(GNUTLS_KP_TLS_WWW_CLIENT + "\0");

    // By the credentials of sessions: GnuTLS keeps nothing of the caller's with those.
    private static readonly ConcurrentDictionary<nint, ClientTrust> Trusts = new();

    // What GnuTLS has verified so far, where somebody asks; it passes nothing of the caller's on.
    [ThreadStatic]
    private static List<Link>? _links;

    /// <summary>Has certificates shown to sessions with these credentials judged by more than the authorities.</summary>
    internal static void Judge(nint credentials, ClientTrust trust) => Trusts[credentials] = trust;

    /// <summary>Credentials are about to be freed.</summary>
    internal static void Forget(nint credentials) => Trusts.TryRemove(credentials, out _);

    /// <summary>
    /// GnuTLS's verify function. It judges the leaf alone, unless intermediates are taken: what else the client sent cannot
    /// lead from it to a root.
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

    /// <summary>Copies the leaf, in its DER form.</summary>
    /// <param name="session">A session whose handshake is complete.</param>
    /// <returns>Null when the client has shown none.</returns>
    internal static byte[]? Copy(nint session)
    {
        uint count;
        var shown = gnutls_certificate_get_peers(session, &count);
        return count == 0 ? null : new ReadOnlySpan<byte>(shown->data, (int)shown->size).ToArray();
    }

    private static bool IsAccepted(nint session)
    {
        nint credentials;
        uint count;
        var shown = gnutls_certificate_get_peers(session, &count);
        if (gnutls_credentials_get(session, GNUTLS_CRD_CERTIFICATE, &credentials) < 0 || count == 0)
            return false;
        var trust = Trusts.GetValueOrDefault(credentials);
        if (trust?.TakesIntermediates != true)
            count = 1;
        else if (count > ClientTrust.MaxChain)
            return false;
        var certificates = stackalloc nint[ClientTrust.MaxChain];
        var read = 0;
        try
        {
            for (; read < count; read++)
            {
                if (gnutls_x509_crt_init(certificates + read) < 0)
                    return false;
                if (gnutls_x509_crt_import(certificates[read], shown + read, GNUTLS_X509_FMT_DER) < 0)
                {
                    gnutls_x509_crt_deinit(certificates[read]);
                    return false;
                }
            }
            nint roots;
            gnutls_certificate_get_trust_list(credentials, &roots);
            if (trust?.WantsPath == true)
                _links = [];
            return IsEndEntity(certificates[0]) && MaySign(certificates[0]) && LeadToRoot(roots, certificates, count)
                && (_links is not { } links || trust!.Accepts(Path(Export(certificates[0]), links)));
        }
        finally
        {
            _links = null;
            while (read-- > 0)
                gnutls_x509_crt_deinit(certificates[read]);
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

    /// <summary>Signatures, times, what each authority may sign, and the extended key usage.</summary>
    private static bool LeadToRoot(nint roots, nint* certificates, uint count)
    {
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
                roots, certificates, count, &wanted, 1, GNUTLS_VERIFY_DO_NOT_ALLOW_SAME | GNUTLS_PROFILE, &faults,
                (delegate* unmanaged[Cdecl]<nint, nint, nint, uint, int>)&OnVerified);
            return result >= 0 && faults == 0;
        }
    }

    /// <summary>GnuTLS's output function: it has looked at a certificate and one that may have signed it.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnVerified(nint certificate, nint issuer, nint list, uint faults)
    {
        try
        {
            if (_links is not { } links || issuer == 0 || faults != 0)
                return 0;
            var link = new Link(Export(certificate), Export(issuer));
            // One that is in the file itself ends the way, and is told of as its own issuer.
            if (!link.Certificate.AsSpan().SequenceEqual(link.Issuer))
                links.Add(link);
        }
        catch (Exception)
        {
            // What is missing leads nowhere.
        }
        return 0;
    }

    /// <summary>
    /// The way from a leaf to an authority as GnuTLS has verified it: another by the same names might not lead over the one that
    /// is revoked.
    /// </summary>
    private static List<byte[]> Path(byte[] leaf, List<Link> links)
    {
        var path = new List<byte[]> { leaf };
        while (path.Count <= links.Count
            && links.FindLast(link => link.Certificate.AsSpan().SequenceEqual(path[^1])) is { } link)
            path.Add(link.Issuer);
        return path;
    }

    private static byte[] Export(nint certificate)
    {
        nuint size = 0;
        _ = gnutls_x509_crt_export(certificate, GNUTLS_X509_FMT_DER, null, &size);
        var der = new byte[(int)size];
        fixed (byte* data = der)
            GnuTlsError.ThrowIf("gnutls_x509_crt_export", gnutls_x509_crt_export(certificate, GNUTLS_X509_FMT_DER, data, &size));
        return der[..(int)size];
    }

    /// <summary>Two certificates in DER form, of which the second has signed the first.</summary>
    private sealed record Link(byte[] Certificate, byte[] Issuer);
}
