using Relay.Native.Nghttp3;
using Relay.Native.Ngtcp2;
using Relay.Native.Quic;
using static Relay.Native.Nghttp3.NativeMethods;
using Ngtcp2Methods = Relay.Native.Ngtcp2.NativeMethods;

namespace Relay.Native.Http3;

/// <content>Stream data, outward: nghttp3 says what is next, ngtcp2 how much of it fits.</content>
public abstract unsafe partial class Http3Connection
{
    private protected override QuicWriteResult WriteStreams(ref Writer writer)
    {
        _toResume = _heldBack.Count;
        _ = ResumeHeldBack();
        var result = WriteScheduled(ref writer);
        if (_stoppedStreams is { Count: > 0 })
            TellStopped();
        return result;
    }

    private QuicWriteResult WriteScheduled(ref Writer writer)
    {
        while (true)
        {
            // Before a stream is asked: what is read from a target now goes out now, while it is in the cache.
            if (!writer.QuantumLeft)
                return QuicWriteResult.Quantum;
            long stream = -1;
            var fin = 0;
            nint count = 0;
            if (_http != 0 && _hasMore)
            {
                _writing = true;
                _pulled = false;
                Questions++;
                count = nghttp3_conn_writev_stream(
                    _http, &stream, &fin, (nghttp3_vec*)writer.Vectors, PathScratch.VectorCount);
                _writing = false;
                if (count < 0)
                {
                    FailHttp((int)count);
                    return writer.Failed(Ngtcp2Constants.NGTCP2_ERR_CALLBACK_FAILURE);
                }
                if (_deferredResets is { Count: > 0 })
                {
                    ApplyDeferredResets();
                    continue;
                }
                // nghttp3 asks one stream at a time: that this one had nothing does not mean that none has.
                if (stream < 0 && _pulled)
                    continue;
                _hasMore = stream >= 0;
            }

            var written = WriteOffer(ref writer, stream, fin != 0, count, out var accepted);
            if (accepted >= 0 && stream >= 0 && nghttp3_conn_add_write_offset(_http, stream, (nuint)accepted) != 0)
            {
                FailHttp(Nghttp3Constants.NGHTTP3_ERR_CALLBACK_FAILURE);
                return writer.Failed(Ngtcp2Constants.NGTCP2_ERR_CALLBACK_FAILURE);
            }
            if (accepted > 0 && FindStream(stream) is { } sender)
            {
                sender.Unacknowledged += accepted;
                RecordSent(accepted, writer.Now);
            }
            switch (written)
            {
                case > 0:
                    continue;
                case 0 when stream < 0 && ResumeHeldBack():
                    continue;
                case 0:
                    return stream < 0 ? QuicWriteResult.Done : QuicWriteResult.Blocked;
                case Writer.SinkFullMark:
                    return QuicWriteResult.SinkFull;
                case Ngtcp2Constants.NGTCP2_ERR_WRITE_MORE:
                    continue;
                case Ngtcp2Constants.NGTCP2_ERR_STREAM_DATA_BLOCKED:
                    nghttp3_conn_block_stream(_http, stream);
                    continue;
                case Ngtcp2Constants.NGTCP2_ERR_STREAM_SHUT_WR or Ngtcp2Constants.NGTCP2_ERR_STREAM_NOT_FOUND:
                    nghttp3_conn_shutdown_stream_write(_http, stream);
                    // ngtcp2 has answered the other side's STOP_SENDING with RESET_STREAM by itself, and says so only
                    // here.
                    (_stoppedStreams ??= []).Add(stream);
                    continue;
                default:
                    return writer.Failed((int)written);
            }
        }
    }

    /// <summary>
    /// Writes what nghttp3 offered until it is used up, the quantum is, or a packet cannot be written. nghttp3 hears of
    /// it once, and not for each of the fifty packets that a block fills.
    /// </summary>
    /// <param name="writer">The turn.</param>
    /// <param name="stream">The stream offered, or −1 for packets without one.</param>
    /// <param name="fin">Whether the stream ends behind the offer.</param>
    /// <param name="count">How many of the writer's vectors are the offer.</param>
    /// <param name="accepted">Bytes taken altogether, or −1 where nothing was.</param>
    /// <returns>The last result of <see cref="QuicConnection.Writer.WriteStream"/>.</returns>
    private static nint WriteOffer(ref Writer writer, long stream, bool fin, nint count, out nint accepted)
    {
        var flags = Ngtcp2Constants.NGTCP2_WRITE_STREAM_FLAG_MORE;
        if (fin)
            flags |= Ngtcp2Constants.NGTCP2_WRITE_STREAM_FLAG_FIN;
        var vectors = writer.Vectors;
        accepted = -1;
        nint written;
        do
        {
            written = writer.WriteStream(stream, flags, vectors, (nuint)count, out var taken);
            if (taken < 0)
                continue;
            accepted = Math.Max(accepted, 0) + taken;
            for (; count > 0 && taken >= (nint)vectors->len; vectors++, count--)
                taken -= (nint)vectors->len;
            if (count > 0)
            {
                vectors->@base += taken;
                vectors->len -= (nuint)taken;
            }
        }
        while (written > 0 && count > 0 && writer.QuantumLeft);
        return written;
    }

    private void TellStopped()
    {
        foreach (var id in _stoppedStreams!)
            FindStream(id)?.OnStopSending();
        _stoppedStreams.Clear();
    }

    private void ApplyDeferredResets()
    {
        foreach (var (stream, code) in _deferredResets!)
        {
            if (!stream.IsClosed)
                ShutdownSend(stream, code);
        }
        _deferredResets.Clear();
    }

    /// <summary>nghttp3 asks for body bytes of a stream.</summary>
    internal nint ReadBody(long id, nghttp3_vec* vector, uint* flags)
    {
        _pulled = true;
        var stream = FindStream(id);
        if (stream is null)
        {
            *flags |= Nghttp3Constants.NGHTTP3_DATA_FLAG_EOF;
            return 0;
        }
        if (TryHoldBack(stream))
            return Nghttp3Constants.NGHTTP3_ERR_WOULDBLOCK;
        var large = stream.InFullFlow && CanSend(id, BlockPool.LargeBlockSize);
        var rented = Blocks.RentedBytes;
        var room = Trim(stream.SendBuffer.Room(Blocks, stream.MinimumRoom, large), stream);
        RecordRented(rented);
        var length = stream.PullBody(room);
        stream.InFullFlow = length == room.Length || length >= BlockPool.BlockSize;
        if (length > 0)
        {
            vector->@base = stream.SendBuffer.Append(length);
            Unacknowledged += length;
            vector->len = (nuint)length;
            return 1;
        }
        rented = Blocks.RentedBytes;
        stream.SendBuffer.DropEmptyTail(Blocks);
        RecordRented(rented);
        if (length == 0)
            return Nghttp3Constants.NGHTTP3_ERR_WOULDBLOCK;
        *flags |= Nghttp3Constants.NGHTTP3_DATA_FLAG_EOF;
        return 0;
    }

    /// <summary>
    /// Whether so many bytes of a stream may leave at once. What may not is better off in the target's socket, which
    /// holds the target back.
    /// </summary>
    internal bool CanSend(long id, ulong length) =>
        Ngtcp2Methods.ngtcp2_conn_get_cwnd_left(Native) >= length
        && Ngtcp2Methods.ngtcp2_conn_get_max_stream_data_left(Native, id) >= length
        && Ngtcp2Methods.ngtcp2_conn_get_max_data_left(Native) >= length;
}
