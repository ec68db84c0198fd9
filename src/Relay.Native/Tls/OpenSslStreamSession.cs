using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Relay.Native.Linux;
using Relay.Native.OpenSsl;
using static Relay.Native.OpenSsl.NativeMethods;

namespace Relay.Native.Tls;

/// <summary>A server's session over a byte stream by OpenSSL.</summary>
internal sealed unsafe class OpenSslStreamSession : StreamTls
{
    private static readonly nint Method = CreateMethod();

    private readonly TlsTransport* _transport;
    private readonly byte* _protocols;
    private nint _ssl;

    /// <summary>Starts one.</summary>
    /// <param name="context">An SSL_CTX.</param>
    /// <param name="protocols">Application protocols, each behind its length (RFC 7301 §3.1); of 255 bytes at most.</param>
    /// <param name="transport">What it reads from and writes to.</param>
    internal OpenSslStreamSession(nint context, ReadOnlySpan<byte> protocols, TlsTransport* transport)
    {
        _transport = transport;
        OpenSslError.ThrowUnless((_ssl = SSL_new(context)) != 0, "SSL_new");
        var bio = BIO_new(Method);
        if (bio == 0)
        {
            SSL_free(_ssl);
            OpenSslError.ThrowUnless(false, "BIO_new");
        }
        BIO_set_data(bio, transport);
        BIO_set_init(bio, 1);
        SSL_set_bio(_ssl, bio, bio);
        // What the other side offers is compared with this, behind its length.
        _protocols = (byte*)NativeMemory.Alloc((nuint)protocols.Length + 1);
        _protocols[0] = (byte)protocols.Length;
        protocols.CopyTo(new Span<byte>(_protocols + 1, protocols.Length));
        _ = SSL_set_ex_data(_ssl, 0, _protocols);
        SSL_set_accept_state(_ssl);
    }

    /// <inheritdoc/>
    internal override string ErrorText => OpenSslError.Describe(Error);

    /// <inheritdoc/>
    internal override bool RefusedCertificate => OpenSslError.Reason(Error) is SSL_R_CERTIFICATE_VERIFY_FAILED
        or SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE;

    /// <inheritdoc/>
    internal override string Version => Marshal.PtrToStringUTF8((nint)SSL_get_version(_ssl)) ?? "";

    /// <inheritdoc/>
    internal override bool HasProtocol(ReadOnlySpan<byte> name)
    {
        byte* protocol;
        uint length;
        SSL_get0_alpn_selected(_ssl, &protocol, &length);
        return length > 0 && new ReadOnlySpan<byte>(protocol, (int)length).SequenceEqual(name);
    }

    /// <inheritdoc/>
    internal override byte[]? CopyPeerCertificate() => OpenSsl.PeerCertificate.Copy(_ssl);

    /// <inheritdoc/>
    internal override int Handshake()
    {
        ERR_clear_error();
        var result = SSL_do_handshake(_ssl);
        if (result == 1)
            return 0;
        return SSL_get_error(_ssl, result) != SSL_ERROR_WANT_READ ? Fail()
            : _transport->HasEnded ? Fail(SSL_R_UNEXPECTED_EOF_WHILE_READING, -Errno.EPROTO) : -Errno.EAGAIN;
    }

    /// <inheritdoc/>
    internal override int Read(byte* destination, int length)
    {
        ERR_clear_error();
        var written = _transport->OutputLength;
        var result = SSL_read(_ssl, destination, length);
        // The refusal of a renegotiation is all that TLS 1.2 says here, and OpenSSL reads on: one is enough.
        if (_transport->OutputLength != written && SSL_version(_ssl) == TLS1_2_VERSION)
            return Fail(SSL_R_UNEXPECTED_MESSAGE, -Errno.EPROTO);
        if (result > 0)
            return result;
        return SSL_get_error(_ssl, result) switch
        {
            SSL_ERROR_ZERO_RETURN => 0,
            // OpenSSL is not told of the end beneath: it would write nothing more either.
            SSL_ERROR_WANT_READ => _transport->HasEnded
                ? Fail(SSL_R_UNEXPECTED_EOF_WHILE_READING, -Errno.ECONNRESET) : -Errno.EAGAIN,
            _ => Fail(),
        };
    }

    /// <inheritdoc/>
    internal override int Write(byte* data, int length)
    {
        ERR_clear_error();
        var result = SSL_write(_ssl, data, length);
        return result > 0 ? result : Fail();
    }

    /// <inheritdoc/>
    internal override void EndWriting()
    {
        _ = SSL_shutdown(_ssl);
        ERR_clear_error();
    }

    /// <inheritdoc/>
    internal override void Refuse()
    {
        // It has no call for an alert of one's choice.
        EndWriting();
        _ = Fail(SSL_R_UNEXPECTED_MESSAGE, 0);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        if (_ssl == 0)
            return;
        SSL_free(_ssl);
        _ssl = 0;
        NativeMemory.Free(_protocols);
    }

    /// <summary>Chooses among the client's protocols; called only where it offers some.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int SelectProtocol(
        nint ssl, byte** chosen, byte* chosenLength, byte* offered, uint offeredLength, nint argument)
    {
        var protocols = (byte*)SSL_get_ex_data(ssl, 0);
        return SSL_select_next_proto(
            chosen, chosenLength, protocols + 1, protocols[0], offered, offeredLength) == OPENSSL_NPN_NEGOTIATED
            ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
    }

    private int Fail()
    {
        // Where memory is short it says nothing.
        Error = OpenSslError.Take() is var error and not 0 ? error : -1;
        if (OpenSslError.Reason(Error) - SSL_AD_REASON_OFFSET is var alert and >= 0 and <= byte.MaxValue)
            Alert = alert;
        return -Errno.EPROTO;
    }

    private int Fail(int reason, int result)
    {
        Error = OpenSslError.OfSsl(reason);
        return result;
    }

    private static nint CreateMethod()
    {
        fixed (byte* name = "memory of a loop\0"u8)
        {
            var method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, name);
            OpenSslError.ThrowUnless(
                method != 0 && BIO_meth_set_read(method, &Read) == 1 && BIO_meth_set_write(method, &Write) == 1
                && BIO_meth_set_ctrl(method, &Control) == 1,
                "BIO_meth_new");
            return method;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Read(nint bio, byte* data, int length)
    {
        BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
        var taken = ((TlsTransport*)BIO_get_data(bio))->Take(data, length);
        if (taken > 0)
            return taken;
        BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY);
        return -1;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Write(nint bio, byte* data, int length)
    {
        BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY);
        return ((TlsTransport*)BIO_get_data(bio))->TryPut(data, length) ? length : -1;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Control(nint bio, int command, nint number, void* pointer) => command == BIO_CTRL_FLUSH ? 1 : 0;
}
