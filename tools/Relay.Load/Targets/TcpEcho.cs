using Relay.Native.Linux;

namespace Relay.Load.Targets;

/// <summary>Sends back what it receives, the end included.</summary>
internal sealed class TcpEcho(TargetLoop loop, StreamSocket socket) : TcpTargetConnection(loop, socket)
{
    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _start;
    private int _end;
    private bool _ended;

    protected override bool Continue()
    {
        while (true)
        {
            while (_start < _end)
            {
                var sent = Socket.Send(_buffer.AsSpan(_start, _end - _start));
                if (sent < 0)
                    return sent == -Errno.EAGAIN;
                _start += sent;
            }
            if (_ended)
                return false;
            var received = Socket.Receive(_buffer);
            if (received < 0)
                return received == -Errno.EAGAIN;
            _start = 0;
            _end = received;
            _ended = received == 0;
        }
    }
}
