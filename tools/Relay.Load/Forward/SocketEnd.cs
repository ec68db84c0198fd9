using Relay.Load.Client;
using Relay.Native.Linux;

namespace Relay.Load.Forward;

/// <summary>An accepted TCP connection.</summary>
internal sealed class SocketEnd(ClientLoop loop, StreamSocket socket) : ILocalEnd, IReadiness
{
    private ulong _token;
    private bool _closed;

    /// <summary>Called when the socket may have become readable or writable.</summary>
    public Action? Ready { get; set; }

    public void Attach() => _token = loop.Handlers.Add(socket.Fd, EpollInterest.In | EpollInterest.Out, this);

    public void OnReady(EpollInterest events) => Ready?.Invoke();

    public int Read(Span<byte> buffer)
    {
        if (_closed)
            return LocalEnd.Failed;
        return socket.Receive(buffer) switch
        {
            > 0 and var length => length,
            0 => LocalEnd.Ended,
            -Errno.EAGAIN => 0,
            _ => LocalEnd.Failed,
        };
    }

    public int Write(ReadOnlySpan<byte> data)
    {
        if (_closed)
            return LocalEnd.Failed;
        return socket.Send(data) switch
        {
            >= 0 and var length => length,
            -Errno.EAGAIN => 0,
            _ => LocalEnd.Failed,
        };
    }

    public void EndWrite()
    {
        if (!_closed)
            _ = socket.ShutdownWrite();
    }

    public void Close(bool inOrder)
    {
        if (_closed)
            return;
        _closed = true;
        loop.Handlers.Remove(socket.Fd, _token);
        if (inOrder)
            socket.Dispose();
        else
            socket.Abort();
    }
}
