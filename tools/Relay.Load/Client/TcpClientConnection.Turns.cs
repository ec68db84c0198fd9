using Relay.Native.Linux;
using Relay.Native.Tls;

namespace Relay.Load.Client;

/// <content>Its turns: reading, writing, and how it ends.</content>
internal abstract partial class TcpClientConnection
{
    private const int ReadQuantum = 64 * 1024;

    private string? _reason;
    private int _failure;
    private bool _aborts;
    private bool _blocked;
    private bool _saidEnd;
    private bool _relayEnded;

    /// <inheritdoc/>
    public void ReadTurn()
    {
        if (IsEnded || _failure != 0 || _tls is null || (!HandshakeDone && !Handshake(_tls)))
            return;
        if (ReadBytes(_tls))
            Loop.QueueRead(this);
        if (_tls.HasOutput)
            Loop.MarkDirty(this);
    }

    internal override void WriteTurn()
    {
        if (_failure == 0 && _tls is not null && !_blocked)
            WriteRecords(_tls);
        if (_failure != 0)
            Loop.Finish(this, tell: true);
        else if (!_blocked && _saidEnd && (IsOver || _relayEnded))
            Loop.Finish(this, tell: true);
    }

    internal override void Close()
    {
        // All that the kernel takes now; what it does not, nobody waits for.
        if (_failure != 0 || _tls is null || _blocked || !HandshakeDone)
            return;
        WriteRecords(_tls);
        if (_failure != 0 || _blocked || _saidEnd)
            return;
        _tls.EndWriting();
        _ = _tls.Flush();
    }

    /// <summary>It cannot go on, or is not to: the loop ends it in its turn of writing.</summary>
    /// <param name="errno">Why.</param>
    /// <param name="reason">The same in words, where the number does not say it.</param>
    protected void Fail(int errno, string? reason = null)
    {
        if (_failure != 0)
            return;
        _failure = errno;
        _reason = reason;
        Loop.MarkDirty(this);
    }

    /// <summary>Ends it at once, with a reset.</summary>
    protected void Abort()
    {
        _aborts = true;
        Fail(Errno.ECONNABORTED, "given up by this side");
    }

    private bool Handshake(TlsStream tls)
    {
        var result = tls.Handshake();
        if (tls.HasOutput)
            Loop.MarkDirty(this);
        if (result == -Errno.EAGAIN)
            return false;
        if (result < 0)
        {
            // The alert that says why, as far as the kernel takes it.
            _ = tls.Flush();
            FailTls(tls, result);
            return false;
        }
        Loop.Timers.Clear(_handshakeTimer);
        HandshakeDone = true;
        OnEstablished();
        Loop.MarkDirty(this);
        return true;
    }

    private bool ReadBytes(TlsStream tls)
    {
        var bytes = Loop.Tcp.Bytes;
        for (var left = ReadQuantum; _failure == 0 && !_relayEnded && TakesBytes;)
        {
            if (left <= 0)
                return true;
            var result = tls.Read(bytes);
            if (result > 0)
            {
                left -= result;
                Receive(bytes.AsSpan(0, result));
            }
            else if (result == 0)
            {
                _relayEnded = true;
                ReceiveEnd();
                Loop.MarkDirty(this);
            }
            else
            {
                if (result != -Errno.EAGAIN)
                    FailTls(tls, result);
                return false;
            }
        }
        return false;
    }

    private void WriteRecords(TlsStream tls)
    {
        if (!Flush(tls) || !HandshakeDone)
            return;
        ResumeTunnels();
        var bytes = Loop.Tcp.Bytes;
        var length = 0;
        for (var left = TlsStream.MaxQuantum; left >= bytes.Length; left -= bytes.Length)
        {
            length = Write(bytes);
            for (var offset = 0; offset < length; offset += TlsStream.MaxRecord)
            {
                if (tls.Write(bytes.AsSpan(offset, Math.Min(length - offset, TlsStream.MaxRecord))) < 0)
                {
                    FailTls(tls, -Errno.EPROTO);
                    return;
                }
            }
            // What the kernel does not take is kept encrypted: no more of it than this.
            if (length == 0 || !Flush(tls))
                break;
        }
        if (length == 0 && HasEnded && !_saidEnd)
        {
            _saidEnd = true;
            tls.EndWriting();
            Flush(tls);
        }
        if (length > 0)
            Loop.MarkDirty(this);
    }

    /// <returns>Whether the kernel has all of it.</returns>
    private bool Flush(TlsStream tls)
    {
        var result = tls.Flush();
        if (result == -Errno.EAGAIN)
            _blocked = true;
        else if (result < 0)
            Fail(-result);
        return result == 0;
    }

    private void FailTls(TlsStream tls, int result) =>
        Fail(-result, tls.Error == 0 || result != -Errno.EPROTO ? null : EndText.Tls(tls));
}
