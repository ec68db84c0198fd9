using Relay.Native.Linux;
using Relay.Node.Options;
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
        Shutdown(_world);
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
    public void LastWords_ToWhoDoesNotRead_AreGivenUp()
    {
        ShutdownUnread(_world);
        _world.Advance(4.9);
        Assert.Single(_world.Connections.Open);
        _world.Advance(0.2);
        _world.Turn();
        Assert.Empty(_world.Connections.Open);
    }

    [Fact]
    public void End_WaitsForWhoDoesNotRead_ForAWhile()
    {
        using var world = new HostWorld(silence: new ClientSilence { LastWords = Time.Seconds(60) });
        ShutdownUnread(world);
        world.Host.WhenLeft(() => _left++);
        world.Advance(4.9);
        Assert.Equal(0, _left);
        world.Advance(0.2);
        world.Turn();
        Assert.Equal((1, 1), (_left, world.Connections.Open.Count));
    }

    // Half a minute is what a socket has that lingers, and whose client acknowledges nothing.
    [Fact]
    public void End_WaitsNoLongerThanItMay()
    {
        var socket = Pair(out var client);
        _world.Host.Linger(socket);
        client.Dispose();
        var waiting = Pair(out var silent);
        while (waiting.Send(new byte[64 * 1024]) > 0)
            continue;
        _world.Host.Linger(waiting);
        _world.Host.WhenLeft(() => _left++);
        for (var i = 0; i < 4; i++)
            _world.Advance(1.2);
        Assert.Equal((0, false), (_left, waiting.IsAcknowledged));
        _world.Advance(0.3);
        _world.Turn();
        Assert.Equal((1, false), (_left, waiting.IsAcknowledged));
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

    private static void Shutdown(HostWorld world)
    {
        foreach (var connection in world.Connections.Open.ToArray())
            connection.Shutdown();
    }

    /// <summary>Ends a connection whose client has read nothing of what fills its way.</summary>
    private static void ShutdownUnread(HostWorld world)
    {
        _ = world.Establish(1);
        world.Protocols[0].Say(64_000_000);
        for (var before = long.MaxValue; world.Protocols[0].Left < before; world.Turn())
            before = world.Protocols[0].Left;
        Shutdown(world);
    }

    private static StreamSocket Pair(out StreamSocket client)
    {
        (client, var accepted) = TlsPair.Connect();
        return accepted;
    }

    private static void Repeat(Func<bool> until, Action act)
    {
        for (; !until(); Thread.Yield())
            act();
    }
}
