using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Relay.Native.Nghttp3;
using Relay.Native.Ngtcp2;
using static Relay.Native.Ngtcp2.NativeMethods;

namespace Relay.Native.Quic;

/// <content>
/// ngtcp2's callbacks. An exception that crossed back into C would end the process: each catches, notes it, and fails
/// the connection.
/// </content>
public abstract unsafe partial class QuicConnection
{
    private Exception? _callbackError;
    private ulong? _applicationError;
    private int _applicationLibraryError;
    private bool _handshakeDone;
    private int _peerMaxDatagram;

    /// <summary>
    /// The other side's limit of a DATAGRAM frame's payload, in bytes; 0 when it takes none (RFC 9221 §3).
    /// </summary>
    public int PeerMaxDatagram => _peerMaxDatagram;

    /// <summary>The handshake is complete.</summary>
    protected virtual void OnHandshakeCompleted()
    {
    }

    /// <summary>The client has shown an accepted certificate; told before <see cref="OnHandshakeCompleted"/>.</summary>
    /// <param name="certificate">Its DER form.</param>
    protected virtual void OnPeerCertificate(byte[] certificate)
    {
    }

    /// <summary>Fills a new connection ID of this side.</summary>
    /// <param name="destination">As long as the first one was.</param>
    protected abstract void CreateConnectionId(Span<byte> destination);

    /// <summary>The server gave a token for the next connection (RFC 9000 §8.1.3); valid during the call.</summary>
    protected virtual void OnToken(ReadOnlySpan<byte> token)
    {
    }

    /// <summary>A connection ID of this side came into use.</summary>
    protected virtual void OnConnectionIdIssued(in ConnectionId id)
    {
    }

    /// <summary>A connection ID of this side is no longer used.</summary>
    protected virtual void OnConnectionIdRetired(in ConnectionId id)
    {
    }

    /// <summary>A DATAGRAM frame arrived; the memory is valid only during the call.</summary>
    protected virtual void OnDatagram(ReadOnlySpan<byte> datagram)
    {
    }

    /// <summary>The other side allows more streams of this side.</summary>
    protected virtual void OnStreamsAvailable()
    {
    }

    /// <summary>1-RTT keys to send with (server) or to receive with (client) are there.</summary>
    private protected abstract void OnKeysReady();

    private protected abstract int OnStreamData(long stream, bool fin, byte* data, nuint length);

    private protected abstract int OnStreamAcknowledged(long stream, ulong length);

    private protected abstract int OnStreamClose(long stream, ulong applicationError);

    private protected abstract int OnStreamReset(long stream, ulong applicationError);

    /// <summary>This side's STOP_SENDING is being sent; the other side's is met by the next write.</summary>
    private protected abstract int OnStreamReadStopped(long stream);

    private protected abstract int OnStreamWindow(long stream);

    private protected virtual void OnRemoteStreams(ulong maximum)
    {
    }

    /// <summary>Whether a callback noted an error that the connection has yet to end with.</summary>
    internal bool HasFailed => _applicationError is not null;

    /// <summary>Notes the application error that a failing callback stands for.</summary>
    private protected int FailCallback(ulong applicationError, int libraryError)
    {
        _applicationError ??= applicationError;
        _applicationLibraryError = libraryError;
        return Ngtcp2Constants.NGTCP2_ERR_CALLBACK_FAILURE;
    }

    /// <summary>The connection of a callback that may have an answer of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected static QuicConnection From(nint userData)
    {
        var self = Find(userData);
        self._hasMoreToSay = true;
        return self;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static QuicConnection Find(nint userData) =>
        Unsafe.As<QuicConnection>(GCHandle.FromIntPtr(userData).Target)!;

    internal int FailCallback(Exception exception)
    {
        _callbackError ??= exception;
        return Ngtcp2Constants.NGTCP2_ERR_CALLBACK_FAILURE;
    }

    /// <summary>Runs what a rare callback stands for.</summary>
    private static int Run<T>(nint userData, T what, Func<QuicConnection, T, int> call)
    {
        var self = From(userData);
        try
        {
            return call(self, what);
        }
        catch (Exception e)
        {
            return self.FailCallback(e);
        }
    }

    private static int Run<T>(nint userData, T what, Action<QuicConnection, T> call)
    {
        var self = From(userData);
        try
        {
            call(self, what);
            return 0;
        }
        catch (Exception e)
        {
            return self.FailCallback(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint GetConnection(ngtcp2_crypto_conn_ref* reference) => From(reference->user_data).Native;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int HandshakeCompleted(nint conn, nint userData)
    {
        var self = From(userData);
        try
        {
            var peer = ngtcp2_conn_get_remote_transport_params(conn);
            // RFC 9221 §3: the parameter bounds the frame "including the frame type, length, and payload".
            self._peerMaxDatagram = peer is null || peer->max_datagram_frame_size <= 8
                ? 0 : (int)Math.Min(peer->max_datagram_frame_size, 65535) - 3;
            self._handshakeDone = true;
            if (self.State == QuicState.Handshaking)
                self.State = QuicState.Open;
            self.ReadPeerCertificate();
            if (self._server)
                self.SubmitToken(ngtcp2_conn_get_path(conn));
            self.OnHandshakeCompleted();
            return 0;
        }
        catch (Exception e)
        {
            return self.FailCallback(e);
        }
    }

    /// <summary>The session, and the certificate with it, is freed after the handshake.</summary>
    private void ReadPeerCertificate()
    {
        if (_server && _tls?.CopyPeerCertificate() is { } certificate)
            OnPeerCertificate(certificate);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int KeyReady(nint conn, int level, nint userData)
    {
        From(userData)._keyLevel = level;
        return level != Ngtcp2Constants.NGTCP2_ENCRYPTION_LEVEL_1RTT ? 0
            : Run(userData, level, static (self, _) => self.OnKeysReady());
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int RecvStreamData(
        nint conn, uint flags, long stream, ulong offset, byte* data, nuint length, nint userData, nint streamData)
    {
        var self = From(userData);
        try
        {
            return self.OnStreamData(stream, (flags & Ngtcp2Constants.NGTCP2_STREAM_DATA_FLAG_FIN) != 0, data, length);
        }
        catch (Exception e)
        {
            return self.FailCallback(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int AckedStreamData(
        nint conn, long stream, ulong offset, ulong length, nint userData, nint streamData)
    {
        var self = From(userData);
        try
        {
            return self.OnStreamAcknowledged(stream, length);
        }
        catch (Exception e)
        {
            return self.FailCallback(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int StreamClose(nint conn, uint flags, long stream, ulong error, nint userData, nint streamData)
    {
        if ((flags & Ngtcp2Constants.NGTCP2_STREAM_CLOSE_FLAG_APP_ERROR_CODE_SET) == 0)
            error = Nghttp3Constants.NGHTTP3_H3_NO_ERROR;
        return Run(userData, (stream, error), static (self, closed) => self.OnStreamClose(closed.stream, closed.error));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int StreamReset(nint conn, long stream, ulong size, ulong error, nint userData, nint streamData) =>
        Run(userData, (stream, error), static (self, reset) => self.OnStreamReset(reset.stream, reset.error));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int StreamStopSending(nint conn, long stream, ulong error, nint userData, nint streamData) =>
        Run(userData, stream, static (self, stream) => self.OnStreamReadStopped(stream));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int ExtendMaxStreamData(nint conn, long stream, ulong maximum, nint userData, nint streamData) =>
        Run(userData, stream, static (self, stream) => self.OnStreamWindow(stream));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int ExtendMaxRemoteStreams(nint conn, ulong maximum, nint userData) =>
        Run(userData, maximum, static (self, maximum) => self.OnRemoteStreams(maximum));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int ExtendMaxLocalStreams(nint conn, ulong maximum, nint userData) =>
        Run(userData, maximum, static (self, _) => self.OnStreamsAvailable());

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static void Rand(byte* destination, nuint length, nint context) =>
        RandomNumberGenerator.Fill(new Span<byte>(destination, (int)length));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int GetNewConnectionId(nint conn, ngtcp2_cid* cid, byte* token, nuint length, nint userData)
    {
        var self = From(userData);
        try
        {
            cid->datalen = length;
            self.CreateConnectionId(new Span<byte>(&cid->data, (int)length));
            QuicPackets.WriteResetToken(self._parameters.ResetSecret.Span, cid, token);
            self.OnConnectionIdIssued(new ConnectionId(cid));
            return 0;
        }
        catch (Exception e)
        {
            return self.FailCallback(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int RemoveConnectionId(nint conn, ngtcp2_cid* cid, nint userData) =>
        Run(userData, new ConnectionId(cid), static (self, id) => self.OnConnectionIdRetired(id));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int RecvDatagram(nint conn, uint flags, byte* data, nuint length, nint userData)
    {
        var self = Find(userData);
        self._hasDatagram = true;
        try
        {
            self.OnDatagram(new ReadOnlySpan<byte>(data, (int)length));
            return self._applicationError is null ? 0 : Ngtcp2Constants.NGTCP2_ERR_CALLBACK_FAILURE;
        }
        catch (Exception e)
        {
            return self.FailCallback(e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int RecvStatelessReset(nint conn, nint reset, nint userData)
    {
        From(userData).End(QuicState.Lost, new CloseReason(CloseKind.StatelessReset, 0, 0));
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int PathValidation(
        nint conn, uint flags, ngtcp2_path* path, ngtcp2_path* oldPath, int result, nint userData)
    {
        if ((flags & Ngtcp2Constants.NGTCP2_PATH_VALIDATION_FLAG_NEW_TOKEN) == 0 || result != 0)
            return 0;
        return Run(userData, (nint)path, static (self, path) => self.SubmitToken((ngtcp2_path*)path));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int RecvNewToken(nint conn, byte* token, nuint length, nint userData)
    {
        var self = From(userData);
        try
        {
            self.OnToken(new ReadOnlySpan<byte>(token, (int)length));
            return 0;
        }
        catch (Exception e)
        {
            return self.FailCallback(e);
        }
    }

    /// <summary>
    /// RFC 9000 §8.1.3: a token that spares the client the address validation of its next connection.
    /// </summary>
    private void SubmitToken(ngtcp2_path* path)
    {
        var token = stackalloc byte[QuicPackets.MaxTokenLength];
        var length = QuicPackets.WriteRegularToken(_parameters.StaticSecret.Span, path, token);
        if (length > 0)
            _ = ngtcp2_conn_submit_new_token(Native, token, (nuint)length);
    }
}
