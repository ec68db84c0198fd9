using Relay.Native.Linux;

namespace Relay.Node.Tests.Streams;

/// <summary>Who has to go where too many handshakes are under way, or one takes too long.</summary>
public sealed class PendingHandshakesTests
{
    [Fact]
    public void SourceWithAnEighth_MakesRoomAmongItsOwn_FromTheOldestOn()
    {
        using var world = new HostWorld(mostHandshakes: 16);
        var port = world.Listen();
        var older = world.Connect(port, from: "127.0.0.2");
        world.Until(() => world.Loop.Counters.ConnectionsAccepted == 1);
        HostClient[] many = [.. Enumerable.Range(0, 5).Select(_ => world.Connect(port))];
        world.Until(() => world.Loop.Counters.ConnectionsAccepted == 6);
        Assert.Equal(3, world.Loop.Counters.HandshakesEvicted);
        world.Until(() => world.Connections.Open.Count == 3);
        foreach (var client in many[..3])
            world.Until(() => client.ReadSocket() != -Errno.EAGAIN);
        foreach (var client in (HostClient[])[older, .. many[3..]])
            world.Until(client.Handshake);
    }

    [Fact]
    public void TooManyOfManySources_TheOldestOfAllMakesRoom()
    {
        using var world = new HostWorld(mostHandshakes: 16);
        var port = world.Listen();
        var clients = new List<HostClient>();
        for (var i = 0; i < 20; i++)
        {
            clients.Add(world.Connect(port, from: $"127.0.0.{i + 2}"));
            world.Until(() => world.Loop.Counters.ConnectionsAccepted == i + 1);
        }
        Assert.Equal(4, world.Loop.Counters.HandshakesEvicted);
        world.Until(() => world.Connections.Open.Count == 16);
        foreach (var client in clients[4..])
            world.Until(client.Handshake);
        Assert.Equal(4, world.Loop.Counters.HandshakesFailed);
    }

    // Who is through makes room for nobody any more.
    [Fact]
    public void Handshake_ThatIsComplete_IsNotEvicted()
    {
        using var world = new HostWorld(mostHandshakes: 8);
        var first = world.Establish(1)[0];
        var port = world.Listen();
        for (var i = 0; i < 3; i++)
        {
            var next = world.Connect(port);
            world.Until(next.Handshake);
            world.Until(() => world.Protocols.Count == i + 2);
        }
        Assert.Equal((0L, 4), (world.Loop.Counters.HandshakesEvicted, world.Connections.Open.Count));
        first.Send(10);
        world.Until(() => world.Protocols[0].Received == 10);
    }

    [Fact]
    public void Handshake_ThatTakesTooLong_IsEnded_AndNoOther()
    {
        using var world = new HostWorld();
        var port = world.Listen();
        var slow = world.Connect(port);
        world.Until(() => world.Loop.Counters.ConnectionsAccepted == 1);
        world.Advance(5);
        var later = world.Connect(port);
        world.Until(() => world.Loop.Counters.ConnectionsAccepted == 2);
        world.Advance(4.9);
        Assert.Equal(2, world.Connections.Open.Count);
        world.Advance(0.2);
        Assert.Equal((1, 1L), (world.Connections.Open.Count, world.Loop.Counters.HandshakesFailed));
        world.Until(() => slow.ReadSocket() != -Errno.EAGAIN);
        world.Until(later.Handshake);
        world.Advance(60);
        world.Until(() => world.Protocols.Count == 1);
        Assert.Single(world.Connections.Open);
    }
}
