using Relay.Native.Linux;
using Relay.Native.Tls;

namespace Relay.Node.Streams;

/// <content>Its turns: reading, writing, and how it ends.</content>
internal sealed partial class StreamConnection
{
    /// <summary>Bytes that it may read in one turn: as many as one call to the kernel brings.</summary>
    private const int ReadQuantum = 64 * 1024;

    /// <summary>The least that it writes in one turn where there is as much, in bytes.</summary>
    private const int LeastQuantum = 2 * TlsStream.MaxRecord;

    private int _quantum = LeastQuantum;
    private int _failure;
    private bool _aborts;
    private bool _readable = true;
    private bool _blocked;
    private bool _clientEnded;
    private bool _saidEnd;
    private bool _isDisposed;
    private bool _hasArrived;

    /// <summary>Where it is in its life.</summary>
    internal StreamState State { get; private set; }

    /// <summary>
    /// Whether the client may still be sending, and is to have what was said last: a socket that is closed with bytes
    /// unread resets the connection, and the client loses both.
    /// </summary>
    private bool Lingers => !_aborts && !_clientEnded && Client.IsEstablished;

    /// <inheritdoc/>
    public void OnReady(EpollInterest events)
    {
        if ((events & EpollInterest.Error) != 0 && _tls.Socket.GetPendingError() is var error and > 0)
            Fail(error);
        if ((events & (EpollInterest.In | EpollInterest.RdHup | EpollInterest.HangUp)) != 0)
        {
            _readable = true;
            _host.RequestRead(this);
        }
        if ((events & EpollInterest.Out) != 0 && _blocked)
        {
            _blocked = false;
            _host.RequestWrite(this);
        }
    }

    /// <summary>One turn of reading.</summary>
    /// <returns>Whether there is more.</returns>
    internal bool ReadTurn()
    {
        if (State == StreamState.Over)
            return false;
        // What comes with the end of the handshake is read in a turn of its own.
        var more = State == StreamState.Open ? ReadBytes() : Handshake();
        // TLS may have to answer, and HTTP may have something to say to all that it was told.
        if (_tls.HasOutput)
            RequestWrite();
        return more;
    }

    /// <summary>One turn of writing; afterwards <see cref="State"/> says whether it is over.</summary>
    /// <param name="among">Connections that write in this turn: all together write little more than one.</param>
    /// <returns>Whether there is more.</returns>
    internal bool WriteTurn(int among)
    {
        if (_blocked || State == StreamState.Over || !Flush() || State == StreamState.Handshaking)
            return false;
        var left = Math.Min(_quantum, Math.Max(LeastQuantum, TlsStream.MaxQuantum / among));
        int length;
        do
        {
            // After its end was said there is nothing left to say.
            length = _saidEnd ? 0 : _protocol!.Write(_shared.Bytes.AsSpan(0, Math.Min(left, _shared.Bytes.Length)));
            left -= length;
            for (var offset = 0; offset < length; offset += TlsStream.MaxRecord)
            {
                if (_tls.Write(_shared.Bytes.AsSpan(offset, Math.Min(length - offset, TlsStream.MaxRecord))) == 0)
                    continue;
                Fail(Errno.EPROTO);
                return false;
            }
        }
        while (length > 0 && left >= StreamProtocol.MaxPiece);
        var full = length > 0;
        if (!full && !_saidEnd && (_protocol!.HasEnded || _protocol.IsOver))
        {
            _saidEnd = true;
            _tls.EndWriting();
        }
        if (!Flush())
        {
            // What the kernel did not take is kept: less of it the next time.
            _quantum = Math.Max(_quantum / 2, LeastQuantum);
            return false;
        }
        if (full)
        {
            _quantum = Math.Min(2 * _quantum, TlsStream.MaxQuantum);
            return true;
        }
        if (_protocol!.IsOver)
            State = StreamState.Over;
        return false;
    }

    /// <inheritdoc/>
    public void Reset() => Fail(Errno.ECONNABORTED);

    /// <inheritdoc/>
    public void Break() => Fail(Errno.EFAULT);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        State = StreamState.Over;
        try
        {
            _protocol?.Lose(int.MaxValue);
        }
        finally
        {
            _hasArrived = HasArrived;
            _isDisposed = true;
            if (_lastWords is not null)
                Client.Loop.Timers.Clear(_lastWords);
            try
            {
                _protocol?.Dispose();
                // Last of what is above: the end of a stream may have set a timer.
                Client.Stop();
            }
            finally
            {
                Close(_tls.Detach());
            }
        }
    }

    private void Close(StreamSocket socket)
    {
        if (_aborts)
            socket.Abort();
        else if (Lingers)
            _host.Linger(socket);
        else
            socket.Dispose();
    }

    private bool Handshake()
    {
        var result = _tls.Handshake();
        if (result == -Errno.EAGAIN)
        {
            _readable = false;
            return false;
        }
        if (result < 0)
        {
            FailTls(-result);
            return false;
        }
        if (_tls.CopyPeerCertificate() is { } certificate)
            Client.OnCertificate(certificate);
        var create = _tls.HasProtocol("h2"u8) ? _shared.CreateHttp2 : _shared.CreateHttp1;
        _protocol = create(Client, this);
        State = StreamState.Open;
        _host.OnEstablished(this);
        Client.OnEstablished();
        RequestWrite();
        return true;
    }

    private bool ReadBytes()
    {
        for (var left = ReadQuantum; State == StreamState.Open && !_clientEnded && _protocol!.TakesBytes;)
        {
            if (left <= 0 || (left <= ReadQuantum - TlsStream.MaxRecord && !_host.HasTime))
                return true;
            var result = _tls.Read(_shared.Bytes);
            if (result > 0)
            {
                left -= result;
                _protocol.Receive(_shared.Bytes.AsSpan(0, result));
            }
            else if (result == 0 || (_protocol.EndsWithClient && _tls.EndedWithoutNotice))
            {
                _clientEnded = true;
                _protocol.ReceiveEnd();
                // Not after another word to it: whether it has all bytes of its tunnels is known now, and not later.
                if (_protocol.EndsWithClient)
                    OnClientEnded();
                RequestWrite();
            }
            else
            {
                if (result == -Errno.EAGAIN)
                    _readable = false;
                else if (_tls.EndedWithoutNotice && _saidEnd && HasArrived)
                    // It has all there was for it: what it leaves out is a courtesy.
                    OnClientEnded();
                else
                    FailTls(-result);
                return false;
            }
        }
        return false;
    }

    /// <returns>Whether the kernel has all of it.</returns>
    private bool Flush()
    {
        var result = _tls.Flush();
        if (result == -Errno.EAGAIN)
            _blocked = true;
        else if (result < 0)
            Fail(-result);
        return result == 0;
    }

    /// <summary>TLS has failed: the alert that says why is sent, as far as the kernel takes it.</summary>
    private void FailTls(int error)
    {
        var alerts = _tls.HasOutput && _tls.Flush() == 0;
        Fail(error);
        _aborts = !alerts;
    }

    /// <summary>The client has ended it, in order.</summary>
    private void OnClientEnded()
    {
        _clientEnded = true;
        State = StreamState.Over;
        RequestWrite();
    }

    private void Fail(int error)
    {
        if (State == StreamState.Over)
            return;
        State = StreamState.Over;
        _failure = error;
        _aborts = true;
        RequestWrite();
    }
}
