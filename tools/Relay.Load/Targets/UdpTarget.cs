using System.Net;
using Relay.Native.Linux;

namespace Relay.Load.Targets;

/// <summary>A UDP target: receives in batches, and answers in batches.</summary>
internal abstract class UdpTarget : IReadiness, IDisposable
{
    private const int MessagesPerRead = 8;

    private readonly DatagramBatch _received = new(MessagesPerRead);
    private readonly ulong _token;
    private bool _blocked;

    protected UdpTarget(TargetLoop loop, IPEndPoint local)
    {
        Loop = loop;
        Socket = DatagramSocket.Bind(local, new DatagramSocketOptions
        {
            ReceiveBufferBytes = 8 * 1024 * 1024,
            SendBufferBytes = 4 * 1024 * 1024,
        });
        _token = loop.Handlers.Add(Socket.Fd, EpollInterest.In, this);
    }

    protected TargetLoop Loop { get; }

    protected DatagramSocket Socket { get; }

    /// <summary>What waits to be sent.</summary>
    protected SendBatch Sending { get; } = new(arenaBytes: 1024 * 1024, maxMessages: 1024);

    /// <summary>The socket has no room.</summary>
    protected bool IsBlocked => _blocked;

    public IPEndPoint LocalEndPoint => Socket.LocalEndPoint;

    public void OnReady(EpollInterest events)
    {
        if (_blocked && (events & EpollInterest.Out) != 0)
        {
            _blocked = false;
            Loop.Handlers.Modify(Socket.Fd, EpollInterest.In, _token);
            Flush();
        }
        while (!_blocked)
        {
            if (Socket.Receive(_received) >= 0)
            {
                OnDatagrams(_received);
                Flush();
            }
            if (_received.Drained)
                break;
        }
    }

    public void Dispose() => Socket.Dispose();

    protected abstract void OnDatagrams(DatagramBatch batch);

    /// <summary>Sends what waits; false when the socket has no room for all of it.</summary>
    protected bool Flush()
    {
        if (_blocked)
            return false;
        if (!Sending.HasPending || Sending.Flush(Socket) == 0)
            return true;
        _blocked = true;
        Loop.Handlers.Modify(Socket.Fd, EpollInterest.In | EpollInterest.Out, _token);
        return false;
    }
}
