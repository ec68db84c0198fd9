using Relay.Native.Linux;
using Relay.Node.Tunnels;
using static Relay.Native.Linux.InternetConstants;
using static Relay.Native.Linux.TcpConstants;

namespace Relay.Node.Tests.Streams;

/// <summary>Clients over TCP that are not there any more, as far as the kernel can tell, and those that merely say nothing.</summary>
public class VanishedTests
{
    public static TheoryData<string> Protocols => ["h2", "http/1.1"];

    [Theory]
    [MemberData(nameof(Protocols))]
    public void Silence_OfWhoHasNothingToAcknowledge_EndsItAfterAMinuteAndAHalf(string protocol)
    {
        using var world = StreamWorld.Tunnel(protocol);
        world.Vanish();
        world.Run(90);
        Assert.False(world.IsOver);
        world.Run(1);
        AssertVanished(world);
    }

    // The kernel's probes are two minutes apart at the most.
    [Theory]
    [MemberData(nameof(Protocols))]
    public void Silence_OfWhoHasSomethingToAcknowledge_EndsItAfterThreeMinutes(string protocol)
    {
        using var world = StreamWorld.Tunnel(protocol);
        world.Flood();
        world.Vanish();
        world.Run(180);
        Assert.False(world.IsOver);
        world.Run(1);
        AssertVanished(world);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public void Client_ThatTakesNothing_AndWhoseKernelAnswersProbes_IsIdleAndNotGone(string protocol)
    {
        using var world = StreamWorld.Tunnel(protocol);
        world.Flood();
        world.Vanish();
        for (var i = 0; i < 4; i++)
        {
            world.Run(121);
            Assert.False(world.IsOver);
            world.Hear();
        }
        // Ten minutes; and by HTTP/2 the last words have their time.
        world.Run(122);
        Assert.True(world.IsOver);
        Assert.Equal(["idle_timeout"], world.World.Outcomes);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public void Client_WhoseKernelAnswers_MayBeSilentForAsLongAsItMayBeIdle(string protocol)
    {
        using var world = StreamWorld.Tunnel(protocol);
        world.Run(599);
        Assert.False(world.IsOver);
        world.Run(1);
        Assert.True(world.Connection.State == Node.Streams.StreamState.Over || world.ClientEnd is not null);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public void Drain_ClientThatVanishedBefore_IsGoneSoonAfterGoAway(string protocol)
    {
        using var world = StreamWorld.Tunnel(protocol);
        world.Vanish();
        world.Run(1);
        world.Connection.Client.Drain(0);
        world.Run(9.9);
        Assert.False(world.IsOver);
        world.Run(0.2);
        AssertVanished(world);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public void Drain_ClientThatVanishedDuringADownload_IsGoneSoonAfterGoAway(string protocol)
    {
        using var world = StreamWorld.Tunnel(protocol);
        world.Flood();
        world.Vanish();
        world.Run(1);
        world.Connection.Client.Drain(0);
        world.Run(9.9);
        Assert.False(world.IsOver);
        // There is no room for its last words, which have as long as they may; by HTTP/1.1 there are none.
        world.Run(0.2);
        Assert.Equal(protocol != "h2", world.IsOver);
        world.Run(5);
        AssertVanished(world);
    }

    // By HTTP/1.1 nothing can be asked, and by HTTP/2 this client does not answer: its kernel does.
    [Theory]
    [MemberData(nameof(Protocols))]
    public void Drain_SilentClientWhoseKernelAnswers_KeepsItsTunnel(string protocol)
    {
        using var world = StreamWorld.Tunnel(protocol);
        world.Connection.Client.Drain(0);
        world.Run(300);
        Assert.False(world.IsOver);
        var got = world.Got.Count;
        world.World.Connector.Tcp[0].Produce(1000);
        world.Until(() => world.Got.Count >= got + 1000);
    }

    [Fact]
    public void Drain_AsksTheKernelToAsk_AfterASecondInPlaceOfHalfAMinute()
    {
        using var world = StreamWorld.Tunnel("http/1.1");
        Assert.Equal((30, 10, 3), (Option(TCP_KEEPIDLE), Option(TCP_KEEPINTVL), Option(TCP_KEEPCNT)));
        // Whoever lives and takes nothing for as long as it may is not ended sooner.
        Assert.Equal(600_000, Option(TCP_USER_TIMEOUT));
        world.Connection.Client.Drain(0);
        Assert.Equal((1, 10, 3), (Option(TCP_KEEPIDLE), Option(TCP_KEEPINTVL), Option(TCP_KEEPCNT)));

        int Option(int name) => SocketOption.TryGet(world.Socket.Fd, IPPROTO_TCP, name);
    }

    [Fact]
    public void Connection_ThatIsOver_HasNotBeenHeard()
    {
        using var world = StreamWorld.Tunnel("h2");
        var before = world.World.Loop.Now - 1;
        Assert.True(world.Connection.HasHeardSince(before));
        Assert.False(world.Connection.HasHeardSince(world.World.Loop.Now));
        world.Connection.Reset();
        Assert.False(world.Connection.HasHeardSince(before));
    }

    // Handshakes have a time of their own.
    [Fact]
    public void Sample_OfAHandshake_EndsNothing()
    {
        using var world = new StreamWorld("h2");
        world.Vanish();
        world.Run(200);
        Assert.False(world.IsOver);
    }

    private static void AssertVanished(StreamWorld world)
    {
        Assert.True(world.IsOver);
        Assert.Equal(ClientEnd.IdleConnection, world.Connection.Client.End);
        Assert.Equal(["idle_timeout"], world.World.Outcomes);
    }
}
