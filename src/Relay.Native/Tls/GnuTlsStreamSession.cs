using System.Runtime.InteropServices;
using Relay.Native.GnuTls;
using Relay.Native.Linux;
using static Relay.Native.GnuTls.NativeMethods;

namespace Relay.Native.Tls;

/// <summary>A session over a byte stream by GnuTLS.</summary>
internal sealed unsafe class GnuTlsStreamSession : StreamTls
{
    private readonly SessionHandle _session;
    private readonly nint _raw;

    internal GnuTlsStreamSession(SessionHandle session, TlsTransport* transport)
    {
        _session = session;
        _raw = session.DangerousGetHandle();
        gnutls_transport_set_ptr(_raw, transport);
        gnutls_transport_set_pull_function(_raw, &TlsTransport.Pull);
        gnutls_transport_set_push_function(_raw, &TlsTransport.Push);
        gnutls_transport_set_errno_function(_raw, &TlsTransport.GetError);
    }

    /// <inheritdoc/>
    internal override string ErrorText => GnuTlsError.Describe(Error);

    /// <inheritdoc/>
    internal override bool RefusedCertificate => Error is GNUTLS_E_CERTIFICATE_ERROR or GNUTLS_E_NO_CERTIFICATE_FOUND
        or GNUTLS_E_CERTIFICATE_REQUIRED;

    /// <inheritdoc/>
    internal override string Version =>
        Marshal.PtrToStringUTF8((nint)gnutls_protocol_get_name(gnutls_protocol_get_version(_raw))) ?? "";

    /// <inheritdoc/>
    internal override bool HasProtocol(ReadOnlySpan<byte> name)
    {
        gnutls_datum_t protocol;
        return gnutls_alpn_get_selected_protocol(_raw, &protocol) == 0
            && new ReadOnlySpan<byte>(protocol.data, (int)protocol.size).SequenceEqual(name);
    }

    /// <inheritdoc/>
    internal override byte[]? CopyPeerCertificate() => PeerCertificate.Copy(_raw);

    /// <inheritdoc/>
    internal override int Handshake()
    {
        var result = gnutls_handshake(_raw);
        return result == 0 ? 0 : gnutls_error_is_fatal(result) != 0 ? Fail(result) : -Errno.EAGAIN;
    }

    /// <inheritdoc/>
    internal override int Read(byte* destination, int length)
    {
        var result = (int)gnutls_record_recv(_raw, destination, (nuint)length);
        if (result >= 0)
            return result;
        if (result == GNUTLS_E_PREMATURE_TERMINATION)
        {
            Error = result;
            return -Errno.ECONNRESET;
        }
        // RFC 5746 lets a server refuse to negotiate again; TLS 1.3 has no such thing. Others are no errors: also a record of
        // the handshake was read, such as a ticket.
        return gnutls_error_is_fatal(result) != 0 || result == GNUTLS_E_REHANDSHAKE ? Fail(result) : -Errno.EAGAIN;
    }

    /// <inheritdoc/>
    internal override int Write(byte* data, int length)
    {
        var result = (int)gnutls_record_send(_raw, data, (nuint)length);
        return result > 0 ? result : Fail(result);
    }

    /// <inheritdoc/>
    internal override void EndWriting() => _ = gnutls_bye(_raw, GNUTLS_SHUT_WR);

    /// <inheritdoc/>
    internal override void Refuse() => Fail(GNUTLS_E_AGAIN);

    /// <inheritdoc/>
    public override void Dispose() => _session.Dispose();

    private int Fail(int error)
    {
        Error = error;
        if (error == GNUTLS_E_FATAL_ALERT_RECEIVED)
            Alert = gnutls_alert_get(_raw);
        // RFC 8446 §6.2: the other side is told why.
        _ = gnutls_alert_send_appropriate(_raw, error);
        return -Errno.EPROTO;
    }
}
