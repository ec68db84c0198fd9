using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Relay.Native.Ngtcp2;
using static Relay.Native.Ngtcp2.NativeMethods;

namespace Relay.Native.Quic;

/// <content>TLS messages, inward.</content>
public abstract unsafe partial class QuicConnection
{
    /// <summary>
    /// Bytes of TLS messages that are taken at each encryption level: chains of certificates, and ClientHellos with the
    /// largest keys, are a fraction of it.
    /// </summary>
    private const ulong MaxCryptoData = 64 * 1024;

    /// <summary>
    /// Bytes that the libraries may hold of what a client has sent before its handshake is complete: a ClientHello that comes backwards,
    /// and what follows it before its time. ngtcp2 takes 64 KiB out of order, and a hundred bytes for each hole of one besides.
    /// </summary>
    private const long MaxHandshakeBytes = 192 * 1024;

    /// <summary>CRYPTO_BUFFER_EXCEEDED (RFC 9000 §20.1).</summary>
    private const ulong CryptoBufferExceeded = 0xd;

    /// <summary>PROTOCOL_VIOLATION (RFC 9000 §20.1).</summary>
    private const ulong ProtocolViolation = 0xa;

    /// <summary>TLS's alert unexpected_message (RFC 8446 §6).</summary>
    private const byte UnexpectedMessage = 10;

    /// <summary>The transport error that a failing callback stands for.</summary>
    private ulong? _transportError;

    /// <summary>
    /// The highest level with keys, a server's to send with, a client's to receive with: that of TLS's messages.
    /// </summary>
    private int _keyLevel = Ngtcp2Constants.NGTCP2_ENCRYPTION_LEVEL_INITIAL;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int RecvCryptoData(nint conn, int level, ulong offset, byte* data, nuint length, nint userData)
    {
        var self = From(userData);
        // RFC 9000 §7.5: "it MUST close the connection with a CRYPTO_BUFFER_EXCEEDED error code". GnuTLS keeps a message
        // until it is whole, and a ClientHello may call itself 16 MB long.
        if (offset + length > MaxCryptoData)
            return self.FailCallback(CryptoBufferExceeded);
        // RFC 9001 §4.1.3: a packet of "a previously installed encryption level … MUST NOT contain data that extends past the
        // end of previously received data in that flow. Implementations MUST treat any violations of this requirement as a
        // connection error of type PROTOCOL_VIOLATION". OpenSSL takes all levels for one stream of bytes.
        const int initial = Ngtcp2Constants.NGTCP2_ENCRYPTION_LEVEL_INITIAL;
        if (level == initial && self._keyLevel != initial)
            return self.FailCallback(ProtocolViolation);
        // RFC 9001 §6: a TLS message after the handshake that nobody expects is fatal. The session is freed by then.
        if (ngtcp2_conn_get_tls_native_handle(conn) == 0)
        {
            ngtcp2_conn_set_tls_alert(conn, UnexpectedMessage);
            return Ngtcp2Constants.NGTCP2_ERR_CRYPTO;
        }
        return self._crypto.recv_crypto_data_cb(conn, level, offset, data, length, userData);
    }

    private int FailCallback(ulong transportError)
    {
        _transportError = transportError;
        return Ngtcp2Constants.NGTCP2_ERR_CALLBACK_FAILURE;
    }
}
