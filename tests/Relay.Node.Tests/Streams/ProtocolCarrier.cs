using Relay.Node.Http;
using Relay.Node.Streams;
using Relay.Node.Tests.Http;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.Streams;

/// <summary>
/// A <see cref="StreamProtocol"/> without TLS and sockets: a test gives it bytes, and has what it writes.
/// </summary>
internal sealed class ProtocolCarrier : IConnectionCarrier, IByteStream, IActor
{
    private readonly byte[] _piece = new byte[StreamProtocol.MaxPiece];
    private bool _writes;
    private bool _lost;

    /// <summary>A connection whose handshake is complete.</summary>
    /// <param name="create">Makes the protocol.</param>
    /// <param name="world">What is above it; null: one of its own, where nobody needs credentials.</param>
    /// <param name="source">Whom limits by source count it for.</param>
    public ProtocolCarrier(
        Func<ClientConnection, IByteStream, StreamProtocol> create, CarrierWorld? world = null, ulong source = 7)
    {
        SourceKey = source;
        World = world ?? new CarrierWorld();
        Client = new ClientConnection(World.Context, this);
        HttpProtocol = create(Client, this);
        World.Simulation.Add(this);
        Client.OnEstablished();
        RequestWrite();
    }

    public CarrierWorld World { get; }

    public ClientConnection Client { get; }

    public StreamProtocol HttpProtocol { get; }

    /// <summary>Takes what the protocol writes.</summary>
    public Action<ReadOnlyMemory<byte>> Wrote { get; set; } = static _ => { };

    /// <summary>Pieces that the way to the client still takes.</summary>
    public int Room { get; set; } = int.MaxValue;

    /// <summary>Whether the client was told that no more comes.</summary>
    public bool HasEndedWriting { get; private set; }

    /// <summary>Whether the connection is over, and how.</summary>
    public bool IsClosed { get; private set; }

    public bool WasReset { get; private set; }

    /// <summary>Whether the client closed it, in order.</summary>
    public bool ClosedByClient { get; private set; }

    public bool HasArrived { get; set; } = true;

    public string AltSvc => "h3=\":443\"";

    public HttpProtocol Protocol => HttpProtocol.Version;

    public IPEndPoint ClientEndPoint { get; } = new(IPAddress.Parse("198.51.100.1"), 50_000);

    public ulong SourceKey { get; }

    public ClientEnd End => !IsClosed ? ClientEnd.Stream
        : ClosedByClient && !HttpProtocol.HasFailed ? ClientEnd.ClosedConnection : ClientEnd.Connection;

    public CloseFacts CloseFacts => HttpProtocol.Facts ?? default;

    public bool RefusedCertificate => false;

    public int StreamCount => HttpProtocol.StreamCount;

    public void CloseStreams(int most) => HttpProtocol.Lose(most);

    public long Unconsumed => HttpProtocol.Unconsumed;

    public ulong ProbeTimeout => Time.Milliseconds(100);

    public ulong Next => World.Loop.Timers.Next;

    /// <summary>Bytes of the client; it must not send what the protocol does not take.</summary>
    public void Receive(ReadOnlySpan<byte> data)
    {
        Assert.True(HttpProtocol.TakesBytes);
        if (IsClosed)
            return;
        try
        {
            HttpProtocol.Receive(data);
        }
        catch (Exception e)
        {
            Client.OnDefect(e);
        }
        RequestWrite();
    }

    /// <summary>The client will send no more.</summary>
    public void ReceiveEnd()
    {
        HttpProtocol.ReceiveEnd();
        RequestWrite();
    }

    /// <summary>The client is gone.</summary>
    /// <param name="inOrder">Whether it closed the connection, or reset it.</param>
    public void Lose(bool inOrder)
    {
        ClosedByClient = inOrder;
        Close();
    }

    /// <summary>Goes on until a condition holds.</summary>
    public bool Run(Func<bool> until) => World.Simulation.Run(until, Time.Seconds(60));

    public bool Turn()
    {
        var loop = World.Loop;
        var busy = loop.HasWork || loop.Timers.Next <= loop.Now;
        loop.RunReady();
        loop.Timers.Fire(loop.Now);
        busy |= WriteAll();
        loop.RunFlushes();
        return busy;
    }

    public void RequestWrite() => _writes = true;

    public void RequestRead()
    {
    }

    public void Reset()
    {
        WasReset = true;
        RequestWrite();
    }

    public void Break() => Reset();

    public bool HasHeardSince(ulong time) => true;

    public void AskForLife(ulong after) => HttpProtocol.AskForLife(after);

    public void AnnounceShutdown() => HttpProtocol.AnnounceShutdown();

    public void RefuseRequests() => HttpProtocol.RefuseRequests();

    public void Shutdown() => HttpProtocol.Shutdown();

    public void RefuseLoad() => HttpProtocol.RefuseLoad();

    public ulong ResetLateRequests(ulong openedBy, out int reset) =>
        HttpProtocol.ResetLateRequests(openedBy, out reset);

    public void Sample()
    {
    }

    /// <summary>The connection is lost, if it is not over: nothing is left of it.</summary>
    public void AssertClean()
    {
        if (!IsClosed)
            Lose(inOrder: false);
        World.Simulation.Run(Time.Seconds(60));
        Assert.Empty(World.Defects);
        Assert.Equal((0, 0, 0L), (StreamCount, Client.TunnelCount, World.Limits.Tunnels));
        Assert.False(Client.HasOpenRequests);
        Assert.All(World.Connector.Tcp, static flow => Assert.True(flow.IsClosed));
        Assert.All(World.Connector.Udp, static flow => Assert.Equal(1, flow.Closes));
    }

    public void Dispose()
    {
        Close();
        HttpProtocol.Dispose();
        Client.Stop();
        Client.EndSession();
    }

    private bool WriteAll()
    {
        if (!_writes || IsClosed)
            return false;
        _writes = false;
        var length = 1;
        try
        {
            while (!WasReset && Room > 0 && (length = HttpProtocol.Write(_piece)) > 0)
            {
                Room--;
                Wrote(_piece.AsMemory(0, length).ToArray());
            }
        }
        catch (Exception e)
        {
            Client.OnDefect(e);
        }
        if (WasReset)
            Close();
        else if (length == 0)
        {
            HasEndedWriting |= HttpProtocol.HasEnded;
            if (HttpProtocol.IsOver)
                Close();
        }
        return true;
    }

    private void Close()
    {
        IsClosed = true;
        if (_lost)
            return;
        _lost = true;
        HttpProtocol.Lose(int.MaxValue);
    }
}
