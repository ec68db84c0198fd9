using Relay.Native.Linux;
using Relay.Native.Ngtcp2;
using static Relay.Native.Ngtcp2.NativeMethods;

namespace Relay.Native.Quic;

/// <content>Packets and time, inward.</content>
public abstract unsafe partial class QuicConnection
{
    /// <summary>Takes one UDP payload. Callbacks run before it returns.</summary>
    /// <param name="local">The address that it came to.</param>
    /// <param name="remote">The address that it came from.</param>
    /// <param name="ecn">The two ECN bits of its IP header.</param>
    /// <param name="payload">One or more QUIC packets.</param>
    /// <param name="now">The monotonic clock, in nanoseconds.</param>
    /// <returns>False when the client is to be sent a Retry instead; the connection is then of no more use.</returns>
    public bool Read(
        in SocketEndpoint local, in SocketEndpoint remote, byte ecn, ReadOnlySpan<byte> payload, ulong now)
    {
        if (State is not (QuicState.Handshaking or QuicState.Open))
            return true;
        RecordReceived(now);
        RecordPacket(remote, ecn, payload.Length);
        var scratch = PathScratch.Current;
        scratch.Set(local, remote, ecn);
        int result;
        if (_memory is not null)
            _memory->IsReading = true;
        fixed (byte* packet = payload)
            result = ngtcp2_conn_read_pkt_versioned(
                Native, scratch.Path, Ngtcp2Constants.NGTCP2_PKT_INFO_VERSION, scratch.Info, packet,
                (nuint)payload.Length, now);
        if (_memory is not null)
            _memory->IsReading = false;
        if (result != 0)
            return OnReadError(result);
        if (_handshakeDone)
            FreeTlsAfterHandshake();
        else if (InputBytes > MaxHandshakeBytes)
            End(QuicState.Closing, new CloseReason(CloseKind.Transport, CryptoBufferExceeded, 0));
        return true;
    }

    /// <summary>NO_ERROR (RFC 9000 §20.1).</summary>
    private const ulong TransportNoError = 0;

    /// <summary>Tells the connection that <see cref="Expiry"/> has come.</summary>
    /// <param name="now">The monotonic clock, in nanoseconds.</param>
    public void HandleExpiry(ulong now)
    {
        if (State is not (QuicState.Handshaking or QuicState.Open))
            return;
        if (IsAbandoned(now))
        {
            // RFC 9000 §10.1: whoever gives up before the timeout that the other side reckons with "commits to
            // initiating an immediate close".
            End(QuicState.Closing, new CloseReason(CloseKind.Idle, TransportNoError, 0));
            return;
        }
        ProbeIfSilent(now);
        var result = ngtcp2_conn_handle_expiry(Native, now);
        switch (result)
        {
            case 0:
                break;
            case Ngtcp2Constants.NGTCP2_ERR_IDLE_CLOSE:
                // RFC 9000 §10.1: "the connection is silently closed".
                End(QuicState.Lost, new CloseReason(CloseKind.Idle, 0, result));
                break;
            case Ngtcp2Constants.NGTCP2_ERR_HANDSHAKE_TIMEOUT:
                End(QuicState.Lost, new CloseReason(CloseKind.HandshakeTimeout, 0, result));
                break;
            default:
                Fail(result);
                break;
        }
    }

    private bool OnReadError(int result)
    {
        switch (result)
        {
            case Ngtcp2Constants.NGTCP2_ERR_DRAINING:
                var error = ngtcp2_conn_get_ccerr(Native);
                var kind = error->type == Ngtcp2Constants.NGTCP2_CCERR_TYPE_APPLICATION
                    ? CloseKind.Application : CloseKind.Transport;
                End(QuicState.Draining, new CloseReason(kind, error->error_code, 0));
                return true;
            case Ngtcp2Constants.NGTCP2_ERR_RETRY:
                End(QuicState.Lost, new CloseReason(CloseKind.Dropped, 0, result));
                return false;
            case Ngtcp2Constants.NGTCP2_ERR_DROP_CONN:
                End(QuicState.Lost, new CloseReason(CloseKind.Dropped, 0, result));
                return true;
            case Ngtcp2Constants.NGTCP2_ERR_CLOSING:
                return true;
            default:
                Fail(result);
                return true;
        }
    }

    /// <summary>Ends the connection with the error that fits ngtcp2's return code and what callbacks noted.</summary>
    private protected void Fail(int libraryError)
    {
        if (_callbackError is { } exception)
        {
            _callbackError = null;
            OnCallbackException(exception);
        }

        if (_applicationError is { } application)
        {
            End(QuicState.Closing, new CloseReason(CloseKind.Application, application, _applicationLibraryError));
            return;
        }

        if (_transportError is { } transport)
        {
            End(QuicState.Closing, new CloseReason(CloseKind.Transport, transport, libraryError));
            return;
        }

        ngtcp2_ccerr error = default;
        if (libraryError == Ngtcp2Constants.NGTCP2_ERR_CRYPTO)
            ngtcp2_ccerr_set_tls_alert(&error, ngtcp2_conn_get_tls_alert(Native), null, 0);
        else
            ngtcp2_ccerr_set_liberr(&error, libraryError, null, 0);
        End(QuicState.Closing, new CloseReason(CloseKind.Transport, error.error_code, libraryError));
    }

    /// <summary>A callback of this connection threw; the connection ends with an internal error.</summary>
    /// <param name="exception">What it threw.</param>
    protected virtual void OnCallbackException(Exception exception)
    {
    }

    private void FreeTlsAfterHandshake()
    {
        // A client still reads the server's session tickets.
        if (!_server || _tls is null)
            return;
        FreeTls();
    }
}
