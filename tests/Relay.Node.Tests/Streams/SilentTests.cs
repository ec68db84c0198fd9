using Relay.Native.Linux;

namespace Relay.Node.Tests.Streams;

/// <summary>Clients over TLS that go no further than the handshake, and those that do not take the last word.</summary>
public class SilentTests
{
    [Theory]
    [InlineData("h2")]
    [InlineData("http/1.1")]
    [InlineData(null)]
    public void Client_ThatSaysNothingAfterItsHandshake_IsEndedAsLate(string? protocol)
    {
        using var world = new StreamWorld(protocol);
        world.Handshake();
        world.Run(9.9);
        Assert.False(world.IsOver);
        Assert.Equal(0, world.World.Loop.Counters.RefusedIncomplete);
        world.Run(0.2);
        world.Until(() => world.ClientEnd is not null);
        Assert.Equal((1L, 0), (world.World.Loop.Counters.RefusedIncomplete, world.ClientEnd));
        Assert.True(world.IsOver);
        Assert.True(world.Lingers);
    }

    // The end is in order for who reads it; who does not has a reset.
    [Theory]
    [InlineData("h2")]
    [InlineData("http/1.1")]
    public void Shutdown_ClientThatDoesNotRead_IsResetAfterItsTime(string protocol)
    {
        using var world = StreamWorld.Tunnel(protocol);
        world.Flood();
        world.Connection.Client.Shutdown();
        world.Run(4.9);
        // HTTP/1.1 has no end but a reset for a tunnel that goes on.
        Assert.Equal(protocol != "h2", world.IsOver);
        world.Run(0.2);
        Assert.True(world.IsOver);
        world.Reads = true;
        world.Until(() => world.ClientEnd is not null);
        Assert.Equal((-Errno.ECONNRESET, false), (world.ClientEnd, world.Lingers));
    }

    [Fact]
    public void Shutdown_ClientThatReadsWithinItsTime_HasAllOfIt()
    {
        using var world = StreamWorld.Tunnel("h2");
        world.Flood();
        world.Connection.Client.Shutdown();
        world.Run(4);
        world.Reads = true;
        world.Until(() => world.ClientEnd is not null);
        Assert.Equal((0, true), (world.ClientEnd, world.Lingers));
    }
}
