using Relay.Load.Measure;
using Relay.Native.Linux;

namespace Relay.Load.Targets;

/// <summary>Sends as many bytes as a <see cref="TransferRequest"/> asks for, then their digest, then ends.</summary>
internal sealed class TcpSource(TargetLoop loop, StreamSocket socket) : TcpTargetConnection(loop, socket)
{
    private readonly byte[] _buffer = new byte[256 * 1024];
    private StreamDigest? _digest;
    private TransferRequest _request;
    private int _received;
    private int _start;
    private int _end;
    private bool _digestWritten;
    private bool _ended;

    protected override bool Continue()
    {
        if (_digest is null && !ReceiveRequest(out var alive))
            return alive;
        while (!_ended)
        {
            if (_start == _end && !Fill())
            {
                _ended = true;
                if (Socket.ShutdownWrite() < 0)
                    return false;
                break;
            }
            var sent = Socket.Send(_buffer.AsSpan(_start, _end - _start));
            if (sent < 0)
                return sent == -Errno.EAGAIN;
            _start += sent;
        }
        return WaitForEnd();
    }

    protected override void OnClosed() => _digest?.Dispose();

    private bool ReceiveRequest(out bool alive)
    {
        alive = true;
        while (_received < TransferRequest.Length)
        {
            var result = Socket.Receive(_buffer.AsSpan(_received, TransferRequest.Length - _received));
            if (result <= 0)
            {
                alive = result == -Errno.EAGAIN;
                return false;
            }
            _received += result;
        }
        alive = TransferRequest.TryRead(_buffer, out _request);
        _digest = alive ? new StreamDigest(_request.Verify) : null;
        return alive;
    }

    /// <summary>The next bytes to send; false after the last.</summary>
    private bool Fill()
    {
        _start = 0;
        var left = _request.Bytes - _digest!.Length;
        if (left > 0)
        {
            _end = (int)Math.Min(left, _buffer.Length);
            BytePattern.FillStream(_buffer.AsSpan(0, _end), _digest.Length);
            _digest.Append(_buffer.AsSpan(0, _end));
            return true;
        }
        _end = 0;
        if (_digestWritten)
            return false;
        _digestWritten = true;
        _digest.Write(_buffer);
        _end = StreamDigest.Size;
        return true;
    }

    private bool WaitForEnd()
    {
        int result;
        do
            result = Socket.Receive(_buffer);
        while (result > 0);
        return result == -Errno.EAGAIN;
    }
}
