using Relay.Load.Measure;
using Relay.Native.Linux;

namespace Relay.Load.Targets;

/// <summary>Sends as many bytes as a <see cref="TransferRequest"/> asks for, then their digest, then ends.</summary>
internal sealed class TcpSource(TargetLoop loop, StreamSocket socket) : TransferConnection(loop, socket)
{
    private int _start;
    private int _end;
    private bool _digestWritten;
    private bool _ended;

    protected override bool Transfer(StreamDigest digest)
    {
        while (!_ended)
        {
            if (_start == _end && !Fill(digest))
            {
                _ended = true;
                if (Socket.ShutdownWrite() < 0)
                    return false;
                break;
            }
            var sent = Socket.Send(Buffer.AsSpan(_start, _end - _start));
            if (sent < 0)
                return sent == -Errno.EAGAIN;
            _start += sent;
        }
        return WaitForEnd();
    }

    /// <summary>The next bytes to send; false after the last.</summary>
    private bool Fill(StreamDigest digest)
    {
        _start = 0;
        var left = Request.Bytes - digest.Length;
        if (left > 0)
        {
            _end = (int)Math.Min(left, Buffer.Length);
            BytePattern.FillStream(Buffer.AsSpan(0, _end), digest.Length);
            digest.Append(Buffer.AsSpan(0, _end));
            return true;
        }
        _end = 0;
        if (_digestWritten)
            return false;
        _digestWritten = true;
        digest.Write(Buffer);
        _end = StreamDigest.Size;
        return true;
    }

    private bool WaitForEnd()
    {
        int result;
        do
            result = Socket.Receive(Buffer);
        while (result > 0);
        return result == -Errno.EAGAIN;
    }
}
