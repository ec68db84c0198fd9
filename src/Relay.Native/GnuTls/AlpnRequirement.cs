using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Relay.Native.GnuTls;

/// <summary>
/// Makes a server refuse a client that offers no application protocol. GNUTLS_ALPN_MANDATORY looks only at an extension
/// that is there; RFC 9001 §8.1: "endpoints MUST immediately close a connection … if an application protocol is not
/// negotiated".
/// </summary>
internal static unsafe class AlpnRequirement
{
    internal static void Apply(nint session) =>
        NativeMethods.gnutls_handshake_set_post_client_hello_function(session, &OnClientHello);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnClientHello(nint session)
    {
        gnutls_datum_t protocol;
        return NativeMethods.gnutls_alpn_get_selected_protocol(session, &protocol) == 0
            ? 0 : NativeMethods.GNUTLS_E_NO_APPLICATION_PROTOCOL;
    }
}
