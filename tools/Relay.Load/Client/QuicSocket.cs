using System.Net;
using Relay.Native.Linux;

namespace Relay.Load.Client;

/// <summary>
/// One UDP socket of a connection. One that was moved has two: what is on its way still comes to the old one.
/// </summary>
internal sealed class QuicSocket : IReader, IReadiness, IDisposable
{
    private readonly ClientLoop _loop;
    private ulong _token;

    public QuicSocket(ClientLoop loop, IPEndPoint relay)
    {
        _loop = loop;
        Socket = DatagramSocket.Connect(relay, new DatagramSocketOptions
        {
            PathMtu = PathMtuMode.Probe,
            ReceiveBufferBytes = 4 * 1024 * 1024,
            SendBufferBytes = 1024 * 1024,
            Ecn = true,
            Gro = loop.Config.Profile == ClientProfile.Batched,
        });
    }

    public DatagramSocket Socket { get; }

    public QuicClientConnection? Connection { get; private set; }

    /// <inheritdoc/>
    public bool Queued { get; set; }

    public void Attach(QuicClientConnection connection)
    {
        Connection = connection;
        _token = _loop.Handlers.Add(Socket.Fd, EpollInterest.In, this);
    }

    /// <summary>
    /// Asked for only while it is needed: a socket that always waits for room wakes the loop for every packet that
    /// leaves.
    /// </summary>
    public void WaitForRoom(bool wait) =>
        _loop.Handlers.Modify(Socket.Fd, wait ? EpollInterest.In | EpollInterest.Out : EpollInterest.In, _token);

    public void OnReady(EpollInterest events)
    {
        if ((events & (EpollInterest.In | EpollInterest.Error)) != 0)
            _loop.QueueRead(this);
        if ((events & EpollInterest.Out) != 0 && Connection is { } connection)
            _loop.OnWritable(connection);
    }

    /// <inheritdoc/>
    public void ReadTurn()
    {
        if (Connection is { IsEnded: false } connection)
            _loop.ReadPackets(connection, this);
    }

    public void Dispose()
    {
        if (Connection is not null)
            _loop.Handlers.Remove(Socket.Fd, _token);
        Connection = null;
        Socket.Dispose();
    }
}
