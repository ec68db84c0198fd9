using Relay.Native.OpenSsl;

namespace Relay.Native.Tls;

/// <summary>
/// Who is told the secrets that a session of QUIC agrees on, in the crypto library's place: by the means of whichever library
/// it is. Both say so to the connection that <see cref="Ngtcp2.ngtcp2_crypto_conn_ref"/> leads to.
/// </summary>
/// <param name="gnuTls">A function as gnutls_handshake_set_secret_function takes it.</param>
/// <param name="openSsl">Functions for OpenSSL's QUIC interface; the crypto library has the others. Valid for ever.</param>
internal readonly unsafe struct SecretHooks(
    delegate* unmanaged[Cdecl]<nint, int, byte*, byte*, nuint, int> gnuTls, OSSL_DISPATCH* openSsl)
{
    internal delegate* unmanaged[Cdecl]<nint, int, byte*, byte*, nuint, int> GnuTls => gnuTls;

    internal OSSL_DISPATCH* OpenSsl => openSsl;
}
