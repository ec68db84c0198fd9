using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using static Relay.Native.GnuTls.NativeMethods;

namespace Relay.Native.GnuTls;

/// <summary>
/// A private key whose signatures the runtime makes for GnuTLS: of P-256 in half of the time, of RSA in a quarter, which a
/// handshake otherwise holds up its loop for. Of RSA and ECDSA; others stay with GnuTLS.
/// </summary>
internal sealed unsafe class SigningKey : IDisposable
{
    /// <summary>Of an RSA key of 16 384 bits, the longest that GnuTLS takes.</summary>
    private const int LongestSignature = 2048;

    /// <summary>Certificates of a chain, as GnuTLS takes them from a file.</summary>
    private const int LongestChain = 16;

    // RFC 8017 §9.2, note 1: what precedes the hash in a DigestInfo, by the hash's length.
    private static readonly (HashAlgorithmName Hash, byte[] Prefix, int Length)[] DigestInfos =
    [
        (HashAlgorithmName.SHA256, Convert.FromHexString("3031300D060960864801650304020105000420"), SHA256.HashSizeInBytes),
        (HashAlgorithmName.SHA384, Convert.FromHexString("3041300D060960864801650304020205000430"), SHA384.HashSizeInBytes),
        (HashAlgorithmName.SHA512, Convert.FromHexString("3051300D060960864801650304020305000440"), SHA512.HashSizeInBytes),
    ];

    private readonly byte[] _pkcs8;
    private readonly bool _isRsa;
    private readonly int _bits;

    // Instances of the runtime's keys are of one thread, says their documentation; a key is of all loops.
    private readonly ThreadLocal<AsymmetricAlgorithm> _keys;

    private SigningKey(AsymmetricAlgorithm key)
    {
        _isRsa = key is RSA;
        _bits = key.KeySize;
        // In one place, so that it can be wiped.
        var exported = key.ExportPkcs8PrivateKey();
        _pkcs8 = GC.AllocateUninitializedArray<byte>(exported.Length, pinned: true);
        exported.CopyTo(_pkcs8, 0);
        CryptographicOperations.ZeroMemory(exported);
        _keys = new ThreadLocal<AsymmetricAlgorithm>(Import, trackAllValues: true);
    }

    /// <summary>Gives credentials a certificate and its key, if it is one that the runtime can sign by.</summary>
    /// <param name="credentials">The credentials.</param>
    /// <param name="chain">PEM, the leaf first.</param>
    /// <param name="key">PEM.</param>
    /// <returns>False where the key is of another kind, or no key: GnuTLS says what is wrong with it.</returns>
    /// <exception cref="TlsException">They do not belong together, or the chain is none.</exception>
    internal static bool TrySet(CredentialsHandle credentials, ReadOnlySpan<byte> chain, ReadOnlySpan<byte> key)
    {
        if (Read(key) is not { } signer)
            return false;
        nint native;
        GnuTlsError.ThrowIf("gnutls_privkey_init", gnutls_privkey_init(&native));
        var certificates = stackalloc gnutls_pcert_st[LongestChain];
        var count = (uint)LongestChain;
        var taken = 0u;
        try
        {
            var handle = GCHandle.ToIntPtr(GCHandle.Alloc(signer));
            var imported = gnutls_privkey_import_ext4(native, (void*)handle, null, &SignHash, null, &Release, &Describe, 0);
            // GnuTLS frees what it has taken, and nothing else.
            if (imported < 0)
                Free(handle);
            GnuTlsError.ThrowIf("gnutls_privkey_import_ext4", imported);
            fixed (byte* pem = chain)
            {
                var data = new gnutls_datum_t { data = pem, size = (uint)chain.Length };
                GnuTlsError.ThrowIf("certificate and key", gnutls_pcert_list_import_x509_raw(
                    certificates, &count, &data, GNUTLS_X509_FMT_PEM, GNUTLS_X509_CRT_LIST_SORT));
            }
            taken = count;
            GnuTlsError.ThrowIf("certificate and key", gnutls_certificate_set_key(
                credentials.DangerousGetHandle(), null, 0, certificates, (int)count, native));
            // They are the credentials' now.
            (native, taken) = (0, 0);
            return true;
        }
        finally
        {
            for (var i = 0; i < taken; i++)
                gnutls_pcert_deinit(certificates + i);
            if (native != 0)
                gnutls_privkey_deinit(native);
        }
    }

    /// <summary>Wipes the key. GnuTLS says when, as it frees the last credentials that have it.</summary>
    public void Dispose()
    {
        foreach (var key in _keys.Values)
            key.Dispose();
        _keys.Dispose();
        CryptographicOperations.ZeroMemory(_pkcs8);
    }

    private static SigningKey? Read(ReadOnlySpan<byte> pem)
    {
        var text = new char[pem.Length];
        try
        {
            _ = Encoding.UTF8.GetChars(pem, text);
            return Read(ECDsa.Create(), text) ?? Read(RSA.Create(), text);
        }
        finally
        {
            Array.Clear(text);
        }
    }

    private static SigningKey? Read(AsymmetricAlgorithm key, ReadOnlySpan<char> pem)
    {
        using (key)
        {
            try
            {
                key.ImportFromPem(pem);
                return new SigningKey(key);
            }
            catch (Exception e) when (e is ArgumentException or CryptographicException or PlatformNotSupportedException)
            {
                // Of another kind, of a curve that libcrypto lacks, encrypted, a public key alone, or no key.
                return null;
            }
        }
    }

    private AsymmetricAlgorithm Import()
    {
        AsymmetricAlgorithm key = _isRsa ? RSA.Create() : ECDsa.Create();
        key.ImportPkcs8PrivateKey(_pkcs8, out _);
        return key;
    }

    private bool TrySign(int algorithm, ReadOnlySpan<byte> hash, Span<byte> signature, out int length)
    {
        if (_keys.Value is ECDsa ecdsa)
            return ecdsa.TrySignHash(hash, signature, DSASignatureFormat.Rfc3279DerSequence, out length);
        length = 0;
        foreach (var (name, prefix, size) in DigestInfos)
        {
            // TLS 1.2 alone has PKCS #1's padding; GnuTLS hands over the DigestInfo for it.
            var isRaw = algorithm == GNUTLS_SIGN_RSA_RAW;
            if (hash.Length != size + (isRaw ? prefix.Length : 0) || (isRaw && !hash.StartsWith(prefix)))
                continue;
            return ((RSA)_keys.Value!).TrySignHash(
                hash[^size..], signature, name, isRaw ? RSASignaturePadding.Pkcs1 : RSASignaturePadding.Pss, out length);
        }
        return false;
    }

    private bool Signs(int algorithm) => algorithm switch
    {
        GNUTLS_SIGN_ECDSA_SHA256 or GNUTLS_SIGN_ECDSA_SHA384 or GNUTLS_SIGN_ECDSA_SHA512 => !_isRsa,
        GNUTLS_SIGN_ECDSA_SECP256R1_SHA256 => !_isRsa && _bits == 256,
        GNUTLS_SIGN_ECDSA_SECP384R1_SHA384 => !_isRsa && _bits == 384,
        GNUTLS_SIGN_ECDSA_SECP521R1_SHA512 => !_isRsa && _bits == 521,
        GNUTLS_SIGN_RSA_SHA256 or GNUTLS_SIGN_RSA_SHA384 or GNUTLS_SIGN_RSA_SHA512 or GNUTLS_SIGN_RSA_PSS_RSAE_SHA256
            or GNUTLS_SIGN_RSA_PSS_RSAE_SHA384 or GNUTLS_SIGN_RSA_PSS_RSAE_SHA512 => _isRsa,
        _ => false,
    };

    private static SigningKey Of(void* data) => (SigningKey)GCHandle.FromIntPtr((nint)data).Target!;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int SignHash(
        nint key, int algorithm, void* data, uint flags, gnutls_datum_t* hash, gnutls_datum_t* signature)
    {
        try
        {
            Span<byte> made = stackalloc byte[LongestSignature];
            if (!Of(data).TrySign(algorithm, new ReadOnlySpan<byte>(hash->data, (int)hash->size), made, out var length))
                return GNUTLS_E_PK_SIGN_FAILED;
            // GnuTLS frees it, by free(3).
            signature->data = (byte*)NativeMemory.Alloc((nuint)length);
            signature->size = (uint)length;
            made[..length].CopyTo(new Span<byte>(signature->data, length));
            return 0;
        }
        catch (Exception)
        {
            return GNUTLS_E_PK_SIGN_FAILED;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Describe(nint key, uint flags, void* data)
    {
        var signer = Of(data);
        if ((flags & GNUTLS_PRIVKEY_INFO_PK_ALGO) != 0)
            return signer._isRsa ? GNUTLS_PK_RSA : GNUTLS_PK_ECDSA;
        if ((flags & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS) != 0)
            return signer._bits;
        return (flags & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO) == 0 ? -1 : signer.Signs(SignAlgorithmOf(flags)) ? 1 : 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Release(nint key, void* data) => Free((nint)data);

    private static void Free(nint data)
    {
        var handle = GCHandle.FromIntPtr(data);
        ((SigningKey)handle.Target!).Dispose();
        handle.Free();
    }
}
