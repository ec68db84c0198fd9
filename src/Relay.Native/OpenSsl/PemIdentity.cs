using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static Relay.Native.OpenSsl.NativeMethods;

namespace Relay.Native.OpenSsl;

/// <summary>A certificate chain, its key, and the authorities of clients, read from PEM for contexts to take.</summary>
internal sealed unsafe class PemIdentity : IDisposable
{
    private readonly List<nint> _chain = [];
    private readonly List<nint> _roots = [];
    private nint _key;

    private PemIdentity()
    {
    }

    /// <summary>Whether clients have to show a certificate.</summary>
    internal bool AsksClients => _roots.Count > 0;

    /// <summary>Reads all.</summary>
    /// <exception cref="TlsException">Something cannot be parsed, or is missing.</exception>
    internal static PemIdentity Read(
        ReadOnlySpan<byte> certificateChain, ReadOnlySpan<byte> privateKey, ReadOnlySpan<byte> clientRoots)
    {
        var identity = new PemIdentity();
        try
        {
            ReadCertificates(certificateChain, identity._chain, "certificate and key: certificate");
            identity._key = ReadKey(privateKey);
            if (!clientRoots.IsEmpty)
                ReadCertificates(clientRoots, identity._roots, "trusted roots");
            return identity;
        }
        catch
        {
            identity.Dispose();
            throw;
        }
    }

    /// <summary>Has a context show the certificate.</summary>
    /// <exception cref="TlsException">The pair does not belong together, or OpenSSL thinks it too weak.</exception>
    internal void Show(nint context)
    {
        ERR_clear_error();
        OpenSslError.ThrowUnless(SSL_CTX_use_certificate(context, _chain[0]) == 1, "certificate and key: certificate");
        OpenSslError.ThrowUnless(SSL_CTX_use_PrivateKey(context, _key) == 1, "certificate and key: key");
        // A key of another kind has a place of its own, in which no certificate is.
        OpenSslError.ThrowUnless(SSL_CTX_check_private_key(context) == 1, "certificate and key: key");
        foreach (var certificate in _chain.Skip(1))
            OpenSslError.ThrowUnless(
                SSL_CTX_ctrl(context, SSL_CTRL_CHAIN_CERT, 1, (void*)certificate) == 1, "certificate and key: chain");
    }

    /// <summary>Has a context trust the authorities, and name them to clients.</summary>
    internal void Trust(nint context)
    {
        var store = SSL_CTX_get_cert_store(context);
        foreach (var root in _roots)
            OpenSslError.ThrowUnless(
                X509_STORE_add_cert(store, root) == 1 && SSL_CTX_add_client_CA(context, root) == 1, "trusted roots");
    }

    public void Dispose()
    {
        foreach (var certificate in _chain.Concat(_roots))
            X509_free(certificate);
        EVP_PKEY_free(_key);
    }

    private static void ReadCertificates(ReadOnlySpan<byte> pem, List<nint> certificates, string what)
    {
        ERR_clear_error();
        fixed (byte* bytes = pem)
        {
            var bio = BIO_new_mem_buf(bytes, pem.Length);
            OpenSslError.ThrowUnless(bio != 0, what);
            try
            {
                while (PEM_read_bio_X509(bio, null, &NoPassword, null) is var certificate and not 0)
                    certificates.Add(certificate);
            }
            finally
            {
                _ = BIO_free(bio);
            }
        }
        // The end of the text is an error like others.
        var error = (int)ERR_peek_error();
        if (certificates.Count == 0 && OpenSslError.Reason(error) == PEM_R_NO_START_LINE)
            throw new TlsException($"{what}: there is no certificate");
        OpenSslError.ThrowUnless(OpenSslError.Reason(error) == PEM_R_NO_START_LINE, what);
        ERR_clear_error();
    }

    private static nint ReadKey(ReadOnlySpan<byte> pem)
    {
        ERR_clear_error();
        fixed (byte* bytes = pem)
        {
            var bio = BIO_new_mem_buf(bytes, pem.Length);
            OpenSslError.ThrowUnless(bio != 0, "private key");
            var key = PEM_read_bio_PrivateKey(bio, null, &NoPassword, null);
            _ = BIO_free(bio);
            OpenSslError.ThrowUnless(key != 0, "certificate and key: key");
            return key;
        }
    }

    // Otherwise OpenSSL asks the terminal.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int NoPassword(byte* buffer, int size, int writes, void* data) => -1;
}
