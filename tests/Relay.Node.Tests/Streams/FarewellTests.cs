using Relay.Native.Linux;
using Relay.Node.Server;

namespace Relay.Node.Tests.Streams;

/// <summary>What a client that is still sending is told last: it arrives, also where the process ends.</summary>
public sealed class FarewellTests : IDisposable
{
    private readonly HostWorld _world = new();
    private int _left;

    public void Dispose() => _world.Dispose();

    [Fact]
    public void End_WithoutConnections_IsAtOnce()
    {
        _world.Host.WhenLeft(() => _left++);
        _world.Turn();
        _world.Turn();
        Assert.Equal(1, _left);
    }

    [Fact]
    public void End_WaitsForWhoIsStillSending_AndHasTheLastWord()
    {
        var client = _world.Establish(1)[0];
        _world.Protocols[0].Say(1000);
        Shutdown();
        _world.Until(() => _world.Connections.Open.Count == 0);
        client.Send(100_000);
        _world.Host.WhenLeft(() => _left++);
        _world.Advance(1.9);
        Assert.Equal(0, _left);
        _world.Until(client.Read);
        Assert.Equal((1000L, 0), (client.Got, client.End));
        // It knows, and so it may be closed, though the client does not say so.
        _world.Advance(0.2);
        _world.Turn();
        Assert.Equal(1, _left);
    }

    // A client that reads nothing has no room for its last words.
    [Fact]
    public void End_WaitsForWhoDoesNotRead_ForAWhile()
    {
        _ = _world.Establish(1);
        _world.Protocols[0].Say(64_000_000);
        for (var before = long.MaxValue; _world.Protocols[0].Left < before; _world.Turn())
            before = _world.Protocols[0].Left;
        Shutdown();
        _world.Host.WhenLeft(() => _left++);
        _world.Advance(4.9);
        Assert.Equal((0, 1), (_left, _world.Connections.Open.Count));
        _world.Advance(0.2);
        _world.Turn();
        Assert.Equal((1, 0), (_left, _world.Connections.Open.Count));
    }

    [Fact]
    public void End_WaitsNoLongerThanItMay()
    {
        var socket = Pair(out var client);
        _world.Host.Linger(socket);
        client.Dispose();
        var waiting = Pair(out var silent);
        _world.Host.Linger(waiting);
        _world.Host.WhenLeft(() => _left++);
        _world.Advance(1);
        Assert.Equal(0, _left);
        _world.Advance(4.1);
        _world.Turn();
        Assert.Equal(1, _left);
        silent.Dispose();
    }

    [Fact]
    public void Lingering_EndsWithTheClient_AndThrowsAwayWhatCame()
    {
        var closed = 0;
        var lingering = new LingeringSocket(_world.Loop, Pair(out var client), _ => closed++);
        _ = client.Send(new byte[10_000]);
        lingering.OnReady(EpollInterest.In);
        Assert.Equal((0, 1), (closed, _world.Loop.Timers.Count));
        _ = client.ShutdownWrite();
        Repeat(() => closed == 1, () => lingering.OnReady(EpollInterest.RdHup));
        Repeat(() => client.Receive(new byte[1]) == 0, static () => { });
        Assert.Equal(0, _world.Loop.Timers.Count);
        client.Dispose();
    }

    [Fact]
    public void Lingering_OfWhoSendsOnAndOn_Ends()
    {
        var closed = 0;
        var lingering = new LingeringSocket(_world.Loop, Pair(out var client), _ => closed++);
        var sent = 0L;
        Repeat(() => closed == 1, () =>
        {
            sent += Math.Max(0, client.Send(new byte[10_000]));
            lingering.OnReady(EpollInterest.In);
        });
        Assert.InRange(sent, 256 * 1024, 4 << 20);
        client.Dispose();
    }

    private void Shutdown()
    {
        foreach (var connection in _world.Connections.Open.ToArray())
            connection.Shutdown();
    }

    private static StreamSocket Pair(out StreamSocket client)
    {
        using var listener = StreamSocket.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        client = StreamSocket.Create(listener.LocalEndPoint);
        _ = client.Connect();
        StreamSocket? accepted = null;
        Repeat(() => listener.Accept(out accepted) == 0, static () => { });
        return accepted!;
    }

    private static void Repeat(Func<bool> until, Action act)
    {
        for (; !until(); Thread.Yield())
            act();
    }
}
