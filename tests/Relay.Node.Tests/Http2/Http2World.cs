using Relay.Native.Http2;
using Relay.Node.Http2;
using Relay.Node.Tests.Http;
using Relay.Node.Tests.Streams;

namespace Relay.Node.Tests.Http2;

/// <summary>A client and the relay's side of its HTTP/2 connection, and memory between them.</summary>
internal sealed class Http2World : IActor, IDisposable
{
    private readonly byte[] _piece = new byte[16 * 1024];
    private readonly Queue<ReadOnlyMemory<byte>> _toClient = new();

    public Http2World(
        CarrierWorld? world = null, Http2Parameters? parameters = null, Http2Parameters? ofClient = null)
    {
        Carrier = new ProtocolCarrier(
            (client, stream) => new Http2Protocol(
                new Http2Context(parameters ?? Default), client, stream), world)
        {
            Wrote = data => _toClient.Enqueue(data),
        };
        Client = new ClientSession(ofClient ?? Default);
        Carrier.World.Simulation.Add(this);
    }

    public static Http2Parameters Default { get; } = new() { MaxFieldSection = 1000, MaxConcurrentStreams = 100 };

    public ProtocolCarrier Carrier { get; }

    public ClientSession Client { get; }

    public CarrierWorld World => Carrier.World;

    public FakeConnector Connector => World.Connector;

    /// <summary>Whether the client looks at what comes.</summary>
    public bool ClientTakes { get; set; } = true;

    /// <summary>What the client sends is cut to such pieces.</summary>
    public int Piece { get; set; } = 16 * 1024;

    /// <summary>Managed bytes that the relay's side allocated while it took and gave.</summary>
    public long Allocated { get; private set; }

    public ulong Next => ulong.MaxValue;

    public bool Run(Func<bool> until) => Carrier.Run(until);

    public void Run(ulong time) => World.Simulation.Run(time);

    /// <summary>A stream whose tunnel is open.</summary>
    public ClientStream Open(ClientStream stream)
    {
        Assert.True(Run(() => stream.Status is not null));
        Assert.Equal(200, stream.Status);
        return stream;
    }

    public bool Turn()
    {
        var busy = false;
        while (ClientTakes && _toClient.TryDequeue(out var data))
        {
            busy = true;
            Client.Receive(data.Span);
        }
        while (!Carrier.IsClosed && Carrier.HttpProtocol.TakesBytes
            && Client.Send(_piece.AsSpan(0, Piece)) is var length and > 0)
        {
            busy = true;
            var before = GC.GetAllocatedBytesForCurrentThread();
            Carrier.Receive(_piece.AsSpan(0, length));
            Allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        }
        return busy;
    }

    public void AssertClean() => Carrier.AssertClean();

    public void Dispose()
    {
        Carrier.Dispose();
        Client.Dispose();
    }
}
