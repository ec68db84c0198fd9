using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Relay.Native.Ngtcp2;

namespace Relay.Native.GnuTls;

/// <summary>
/// Makes a server refuse a ClientHello without transport parameters as such. RFC 9001 §8.2: "Endpoints MUST send the
/// quic_transport_parameters extension; endpoints that receive ClientHello or EncryptedExtensions messages without [it]
/// MUST close the connection with an error of type 0x016d (equivalent to a fatal TLS missing_extension alert)".
/// </summary>
internal static unsafe class TransportParametersRequirement
{
    // A hook after the whole message: GnuTLS's post_client_hello function runs before most extensions are read.
    internal static void Apply(nint session) => NativeMethods.gnutls_handshake_set_hook_function(
        session, NativeMethods.GNUTLS_HANDSHAKE_CLIENT_HELLO, NativeMethods.GNUTLS_HOOK_POST, &OnClientHello);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnClientHello(nint session, uint type, uint when, uint incoming, gnutls_datum_t* message)
    {
        var reference = (ngtcp2_crypto_conn_ref*)NativeMethods.gnutls_session_get_ptr(session);
        return Ngtcp2.NativeMethods.ngtcp2_conn_get_remote_transport_params(reference->get_conn(reference)) is not null
            ? 0 : NativeMethods.GNUTLS_E_MISSING_EXTENSION;
    }
}
