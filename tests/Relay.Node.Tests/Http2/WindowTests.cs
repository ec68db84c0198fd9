using Relay.Node.Io;
using Relay.Node.Tests.Http;
using Relay.Protocol;
using static Relay.Testing.Http2.Frames;

namespace Relay.Node.Tests.Http2;

/// <summary>What a client may send is what targets have taken: nothing piles up in the relay.</summary>
public sealed class WindowTests
{
    private const int StreamWindow = 256 * 1024;

    [Fact]
    public void TargetTakesNothing_ClientSendsItsWindowAndNoMore()
    {
        using var world = new Http2World();
        world.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 0);
        var stream = world.Open(world.Client.Connect());
        stream.SendPattern(10_000_000);
        world.Run(Time.Seconds(1));
        Assert.Equal(StreamWindow, stream.Sent);
        world.Connector.Tcp[0].BeginReading();
        Assert.True(world.Run(() => stream.Sent == 10_000_000));
        Assert.True(world.Run(() => world.Connector.Tcp[0].Delivered == 10_000_000));
        Assert.True(world.Connector.Tcp[0].DeliveredPattern);
        world.AssertClean();
    }

    [Fact]
    public void TargetIsNotThereYet_ClientSendsASmallWindow()
    {
        using var world = new Http2World();
        Assert.True(world.Run(() => world.Client.HasPeerSettings));
        world.Connector.Hold = true;
        var stream = world.Client.Connect();
        stream.SendPattern(1_000_000);
        world.Run(Time.Seconds(1));
        Assert.Equal(16 * 1024, stream.Sent);
        world.Connector.SetUpTcp = static _ => { };
        world.Connector.Hold = false;
        world.Connector.Release();
        Assert.True(world.Run(() => world.Connector.Tcp is [{ Delivered: 1_000_000 }]));
        Assert.True(world.Connector.Tcp[0].DeliveredPattern);
    }

    [Fact]
    public void SixteenTargetsTakeNothing_OthersGoOn()
    {
        using var world = new Http2World();
        Assert.True(world.Run(() => world.Client.HasPeerSettings));
        world.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 0);
        var stalled = Enumerable.Range(0, 15).Select(_ => world.Open(world.Client.Connect())).ToArray();
        foreach (var stream in stalled)
            stream.SendPattern(1_000_000);
        world.Run(Time.Seconds(1));
        Assert.All(stalled, static stream => Assert.Equal(StreamWindow, stream.Sent));
        world.Connector.SetUpTcp = static _ => { };
        var other = world.Open(world.Client.Connect());
        other.SendPattern(2_000_000);
        Assert.True(world.Run(() => world.Connector.Tcp[^1].Delivered == 2_000_000));
        foreach (var stream in stalled)
            stream.Reset(Http2ErrorCode.Cancel);
        world.Run(Time.Seconds(1));
        other.SendPattern(20_000_000);
        Assert.True(world.Run(() => world.Connector.Tcp[^1].Delivered == 22_000_000));
        world.AssertClean();
    }

    [Fact]
    public void Bulk_HasItsWindowGrowAndIsBounded()
    {
        using var world = new Http2World();
        world.Connector.SetUpTcp = static flow => flow.KernelBuffer = 0;
        var stream = world.Open(world.Client.Connect());
        stream.SendPattern(30_000_000);
        Assert.True(world.Run(() => world.Connector.Tcp[0].Delivered == 30_000_000));
        world.Connector.Tcp[0].Reads = false;
        stream.SendPattern(30_000_000);
        world.Run(Time.Seconds(1));
        Assert.InRange(stream.Sent - 30_000_000, 2 * 1024 * 1024, 4 * 1024 * 1024);
        // Whatever it holds, others have what they had.
        world.Connector.SetUpTcp = static _ => { };
        var other = world.Open(world.Client.Connect());
        other.SendPattern(3_000_000);
        Assert.True(world.Run(() => world.Connector.Tcp[^1].Delivered == 3_000_000));
        world.AssertClean();
    }

    /// <summary>Who has more than its share of what is held is given no window to send yet more.</summary>
    [Fact]
    public void Bulk_OfWhoIsFull_HasNoWindowGrow()
    {
        const long size = 10_000_000;
        const int limit = 1024 * 1024;
        using var network = new Network(new NodeSettings { Memory = new ClientMemory(limit) });
        using var world = new Http2World(new CarrierWorld(network));
        world.Connector.SetUpTcp = static flow => flow.KernelBuffer = 0;
        var stream = world.Open(world.Client.Connect());
        var client = world.Carrier.Client;
        (client.Slot, client.IsAddressProven) = (0, true);
        client.CountMemory(2 * limit);
        Assert.True(client.IsFull);
        stream.SendPattern(size);
        Assert.True(world.Run(() => world.Connector.Tcp[0].Delivered == size));
        world.Connector.Tcp[0].Reads = false;
        stream.SendPattern(size);
        world.Run(Time.Seconds(1));
        Assert.InRange(stream.Sent - size, StreamWindow / 2, StreamWindow);
        client.CountMemory(0);
        world.Carrier.Lose(inOrder: true);
        client.Slot = -1;
    }

    [Fact]
    public void ManyThatGrow_ShareWhatThereIs()
    {
        using var world = new Http2World();
        world.Connector.SetUpTcp = static _ => { };
        var streams = Enumerable.Range(0, 10).Select(_ => world.Open(world.Client.Connect())).ToArray();
        foreach (var stream in streams)
            stream.SendPattern(5_000_000);
        Assert.True(world.Run(() => world.Connector.Tcp.All(static flow => flow.Delivered == 5_000_000)));
        foreach (var flow in world.Connector.Tcp)
            (flow.Reads, flow.KernelBuffer) = (false, 0);
        foreach (var stream in streams)
            stream.SendPattern(5_000_000);
        world.Run(Time.Seconds(1));
        var held = streams.Sum(static stream => stream.Sent) - 50_000_000;
        Assert.InRange(held, 4 * 1024 * 1024, 8 * 1024 * 1024);
        world.AssertClean();
    }

    [Fact]
    public void TargetNeverThere_ConnectionHasItsWindowBack()
    {
        using var world = new Http2World(
            parameters: Http2World.Default with { InitialConnectionWindow = 65_535 });
        world.Connector.Failure = new Relay.Node.Tunnels.ConnectFailure(ProxyErrorType.ConnectionRefused);
        for (var i = 0; i < 20; i++)
        {
            var stream = world.Client.Connect();
            stream.SendPattern(16 * 1024);
            stream.Finish();
            Assert.True(world.Run(() => stream.IsClosed));
        }
        world.Connector.Failure = null;
        world.Connector.SetUpTcp = static _ => { };
        var other = world.Open(world.Client.Connect());
        other.SendPattern(10_000_000);
        Assert.True(world.Run(() => world.Connector.Tcp[0].Delivered == 10_000_000));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void MoreThanTheWindow_IsAFlowControlError(bool ofConnection)
    {
        using var peer = new RawPeer(parameters: ofConnection
            ? Http2World.Default with { InitialConnectionWindow = 65_535 } : Http2World.Default);
        peer.World.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 0);
        peer.Send(Request(1, Connect));
        for (var i = 0; i < 17; i++)
            peer.Send(Write(Data, 0, 1, new byte[16 * 1024]));
        if (ofConnection)
        {
            peer.AssertEndedWith(Http2ErrorCode.FlowControlError);
            return;
        }
        Assert.Equal((Http2ErrorCode.FlowControlError, true), (peer.ResetCodeOf(1), peer.IsAlive()));
        peer.AssertClean();
    }

    [Fact]
    public void Padding_IsGivenBack()
    {
        using var peer = new RawPeer(parameters: Http2World.Default with { InitialConnectionWindow = 65_535 });
        peer.Send(Request(1, Connect));
        byte[] padded = [255, 1, .. new byte[255]];
        for (var i = 0; i < 10; i++)
            peer.Send([.. Enumerable.Repeat(Write(Data, Padded, 1, padded), 60)]);
        Assert.Equal(600, peer.World.Connector.Tcp[0].Delivered);
        Assert.True(peer.IsAlive());
    }
}
