using System.Buffers;
using Relay.Native.Linux;

namespace Relay.Native.Tls;

/// <content>Bytes, both ways.</content>
public sealed unsafe partial class TlsStream
{
    /// <summary>Records in a row without a byte of data: a client that sends more only keeps the relay busy.</summary>
    private const int MaxIdleRecords = 64;

    private byte[]? _parkedInput;
    private byte[]? _parkedOutput;
    private int _parkedInputLength;
    private int _parkedFrom;
    private int _parkedTo;
    private int _idleRecords;

    /// <summary>Whether encrypted bytes have come that are not read yet.</summary>
    public bool HasInput => _parkedInput is not null || _transport->InputLength > 0;

    /// <summary>Whether encrypted bytes wait for the socket.</summary>
    public bool HasOutput => _parkedOutput is not null || _transport->OutputLength > 0;

    /// <summary>Reads the data of at most one record. <see cref="Flush"/> follows, since TLS may have to answer.</summary>
    /// <param name="destination">At least <see cref="MaxRecord"/> bytes.</param>
    /// <returns>
    /// Bytes; 0 when the other side has ended its stream in order; -EAGAIN when no record is there; another -errno when
    /// the connection has failed: -ECONNRESET too for an end without notice (RFC 8446 §6.1).
    /// </returns>
    public int Read(Span<byte> destination)
    {
        Acquire();
        fixed (byte* pointer = destination)
        {
            while (true)
            {
                var result = _session.Read(pointer, destination.Length);
                if (result >= 0)
                {
                    _idleRecords = 0;
                    return result;
                }
                if (result == -Errno.EAGAIN && _transport->InputLength == 0)
                {
                    if (Fill() is var filled and < 0)
                        return filled;
                }
                else if (result != -Errno.EAGAIN)
                {
                    EndedWithoutNotice = result == -Errno.ECONNRESET && _transport->InputEnded;
                    return result;
                }
                else if (++_idleRecords > MaxIdleRecords)
                {
                    _session.Refuse();
                    return -Errno.EPROTO;
                }
            }
        }
    }

    /// <summary>Encrypts data; <see cref="Flush"/> sends it. Not while <see cref="HasOutput"/> after a flush.</summary>
    /// <param name="data">At most <see cref="MaxRecord"/> bytes, and <see cref="MaxQuantum"/> between two flushes.</param>
    /// <returns>0, or -errno when TLS has failed.</returns>
    public int Write(ReadOnlySpan<byte> data)
    {
        Acquire();
        fixed (byte* pointer = data)
        {
            // Several records where the other side takes only small ones (RFC 8449).
            for (var sent = 0; sent < data.Length;)
            {
                var result = _session.Write(pointer + sent, data.Length - sent);
                if (result < 0)
                    return result;
                sent += result;
            }
            return 0;
        }
    }

    /// <summary>Tells the other side that no more comes (close_notify); <see cref="Flush"/> sends it.</summary>
    public void EndWriting()
    {
        Acquire();
        _session.EndWriting();
    }

    /// <summary>Sends what was encrypted.</summary>
    /// <returns>0 when the kernel has all of it, -EAGAIN when its buffer is full, another -errno on failure.</returns>
    public int Flush()
    {
        if (_parkedOutput is not null)
        {
            var sent = Socket.Send(_parkedOutput.AsSpan(_parkedFrom, _parkedTo - _parkedFrom));
            if (sent < 0)
                return sent;
            _parkedFrom += sent;
            if (_parkedFrom < _parkedTo)
                return -Errno.EAGAIN;
            ArrayPool<byte>.Shared.Return(_parkedOutput);
            _parkedOutput = null;
        }
        while (_transport->OutputLength > 0)
        {
            var sent = Socket.Send(new ReadOnlySpan<byte>(_transport->Output, _transport->OutputLength));
            if (sent < 0)
                return sent;
            _transport->Output += sent;
            _transport->OutputLength -= sent;
            _transport->OutputCapacity -= sent;
        }
        if (_buffers.IsOwnedBy(this))
            TakeOutput();
        return 0;
    }

    /// <summary>Copies what is left in the loop's buffers, which another stream needs.</summary>
    internal void Park()
    {
        // First what may fail for want of memory: nothing is moved then.
        var input = _transport->InputLength > 0 ? ArrayPool<byte>.Shared.Rent(_transport->InputLength) : null;
        if (_transport->OutputLength > 0)
            ParkOutput(new ReadOnlySpan<byte>(_transport->Output, _transport->OutputLength));
        if (input is not null)
        {
            _parkedInputLength = _transport->InputLength;
            _parkedInput = input;
            new ReadOnlySpan<byte>(_transport->Input, _parkedInputLength).CopyTo(_parkedInput);
        }
        _transport->InputLength = 0;
        _transport->OutputLength = 0;
        _transport->OutputCapacity = 0;
    }

    private void Acquire()
    {
        if (!_buffers.TryAcquire(this))
            return;
        _transport->Input = _buffers.Input.Pointer;
        TakeOutput();
        if (_parkedInput is null)
            return;
        _parkedInput.AsSpan(0, _parkedInputLength).CopyTo(_buffers.Input.Array);
        _transport->InputLength = _parkedInputLength;
        ArrayPool<byte>.Shared.Return(_parkedInput);
        _parkedInput = null;
    }

    /// <summary>All of the room is this stream's, and empty.</summary>
    private void TakeOutput()
    {
        _transport->Output = _buffers.Output.Pointer;
        _transport->OutputCapacity = TlsBuffers.OutputSize;
    }

    /// <summary>Receives what the socket has, once all that came before is read.</summary>
    /// <returns>0, or -errno; the end of the stream is told by the record layer.</returns>
    private int Fill()
    {
        if (_transport->InputEnded)
            return -Errno.ECONNRESET;
        var received = Socket.Receive(_buffers.Input.Array);
        if (received < 0)
            return received;
        _transport->Input = _buffers.Input.Pointer;
        _transport->InputLength = received;
        _transport->InputEnded = received == 0;
        return 0;
    }

    private void ParkOutput(ReadOnlySpan<byte> rest)
    {
        var kept = _parkedOutput is null ? 0 : _parkedTo - _parkedFrom;
        var array = ArrayPool<byte>.Shared.Rent(kept + rest.Length);
        if (_parkedOutput is not null)
        {
            _parkedOutput.AsSpan(_parkedFrom, kept).CopyTo(array);
            ArrayPool<byte>.Shared.Return(_parkedOutput);
        }
        rest.CopyTo(array.AsSpan(kept));
        (_parkedOutput, _parkedFrom, _parkedTo) = (array, 0, kept + rest.Length);
    }
}
