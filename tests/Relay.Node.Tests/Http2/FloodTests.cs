using Relay.Node.Counters;
using Relay.Node.Options;
using Relay.Node.Tunnels;
using Relay.Protocol;
using static Relay.Testing.Http2.Frames;

namespace Relay.Node.Tests.Http2;

/// <summary>
/// Clients that have the relay work for nothing (RFC 9113 §10.5): each is told to calm down, is counted, and leaves
/// nothing behind.
/// </summary>
public sealed class FloodTests
{
    private static readonly (string Name, Http2Flood Flood, Func<int, byte[]> Frame)[] Floods =
    [
        ("PING", Http2Flood.ControlFrames, static _ => Write(Ping, 0, 0, "12345678"u8)),
        ("PING answers", Http2Flood.ControlFrames, static _ => Write(Ping, Ack, 0, "12345678"u8)),
        ("SETTINGS", Http2Flood.ControlFrames, static i => Setting(4, 65_535 + (uint)(i % 2))),
        ("PRIORITY", Http2Flood.ControlFrames, static i => Write(Priority, 0, (2 * i) + 1, [0, 0, 0, 0, 1])),
        ("WINDOW_UPDATE", Http2Flood.ControlFrames, static _ => Update(0, 1)),
        ("empty DATA", Http2Flood.ControlFrames, static _ => Write(Data, 0, 1, [])),
        ("DATA that is padding", Http2Flood.ControlFrames, static _ => Write(Data, Padded, 1, [3, 0, 0, 0])),
        ("unknown", Http2Flood.ControlFrames, static _ => Write(0x77, 0, 0, [])),
        ("unknown and large", Http2Flood.ControlFrames, static _ => Write(0x77, 0, 0, new byte[16_000])),
        ("GOAWAY", Http2Flood.ControlFrames, static _ => Write(GoAway, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0])),
        ("rapid reset", Http2Flood.Resets,
            static i => [.. Request((2 * i) + 3, Connect), .. Write(ResetStream, 0, (2 * i) + 3, Number(8))]),
        ("resets that the relay is made to send", Http2Flood.Resets,
            static i => [.. Request((2 * i) + 3, Connect), .. Update((2 * i) + 3, int.MaxValue)]),
        ("requests that are malformed", Http2Flood.Resets,
            static i => Request((2 * i) + 3, Fields((":method", "CONNECT")))),
    ];

    public static TheoryData<string> Names => [.. Floods.Select(static one => one.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Flood_EndsItsConnection(string name)
    {
        var (_, flood, frame) = Floods.Single(one => one.Name == name);
        using var peer = new RawPeer();
        peer.Send(Request(1, Connect));
        for (var i = 0; i < 2000 && !peer.Carrier.IsClosed; i++)
            peer.Send(frame(i));
        Assert.Equal(1, peer.World.Loop.Counters.Http2Floods[(int)flood]);
        peer.AssertEndedWith(Http2ErrorCode.EnhanceYourCalm);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Flood_InLargePieces_EndsItsConnection(string name)
    {
        var (_, flood, frame) = Floods.Single(one => one.Name == name);
        using var peer = new RawPeer();
        peer.Send(Request(1, Connect));
        for (var i = 0; i < 10_000 && !peer.Carrier.IsClosed; i += 50)
            peer.Send([.. Enumerable.Range(i, 50).Select(frame)]);
        Assert.Equal(1, peer.World.Loop.Counters.Http2Floods[(int)flood]);
        peer.AssertEndedWith(Http2ErrorCode.EnhanceYourCalm);
    }

    [Fact]
    public void OpenTunnels_EndedAllAtOnce_AreFine()
    {
        using var peer = new RawPeer(parameters: Http2World.Default with { MaxConcurrentStreams = 2000 });
        for (var i = 0; i < 90; i++)
            peer.Send(Request((2 * i) + 1, Connect));
        for (var round = 0; round < 20; round++)
        {
            for (var i = 0; i < 90; i++)
            {
                var stream = 2 * ((90 * round) + i);
                peer.Send(Write(ResetStream, 0, stream + 1, Number(8)), Request(stream + 181, Connect));
            }
        }
        Assert.True(peer.IsAlive());
        peer.AssertClean();
    }

    [Fact]
    public void Requests_ManyInOnePiece_AreBegunAFewATurn_AndAllOfThem()
    {
        using var peer = new RawPeer();
        peer.Carrier.Receive([.. Enumerable.Range(0, 80).SelectMany(static i => Request((2 * i) + 1, Connect))]);
        Assert.InRange(peer.World.Connector.Targets.Count, 16, 40);
        Assert.False(peer.Carrier.HttpProtocol.TakesBytes);
        peer.Settle();
        Assert.Equal(80, peer.World.Connector.Targets.Count);
        Assert.True(peer.IsAlive());
        peer.AssertClean();
    }

    [Fact]
    public void Requests_OfManyConnectionsAtOnce_AreBegunAFewATurn_AndAllOfThem()
    {
        var first = new RawPeer();
        var world = first.World;
        List<RawPeer> peers = [first, .. Enumerable.Range(0, 9).Select(_ => new RawPeer(world: world))];
        foreach (var peer in peers)
            peer.Carrier.Receive([.. Enumerable.Range(0, 10).SelectMany(static i => Request((2 * i) + 1, Connect))]);
        // And what is in the bytes of the last.
        Assert.InRange(world.Connector.Targets.Count, NodeDefaults.MaxRequestsPerTurn, NodeDefaults.MaxRequestsPerTurn + 24);
        first.Settle();
        Assert.Equal(100, world.Connector.Targets.Count);
        Assert.All(peers, static peer => Assert.True(peer.IsAlive()));
        peers.ForEach(static peer => peer.Carrier.Lose(inOrder: true));
        first.AssertClean();
        peers.ForEach(static peer => peer.Dispose());
    }

    /// <summary>Whose turn it is waits for nobody: two that do would have the loop spin, and get nothing.</summary>
    [Fact]
    public void Requests_OfTwoSourcesThatWait_AreAllAnswered()
    {
        const int many = 40;
        using var first = new RawPeer();
        using var second = new RawPeer(world: first.World, source: 8);
        byte[] bytes = [.. Enumerable.Range(0, many).SelectMany(static i => Request((2 * i) + 1, Get))];
        RawPeer[] peers = [first, second];
        foreach (var peer in peers)
        {
            peer.Carrier.Receive(bytes);
            Assert.False(peer.Carrier.HttpProtocol.TakesBytes);
        }
        first.Settle();
        Assert.All(peers, static peer => Assert.Equal(
            Enumerable.Range(0, many).Select(static i => (2 * i) + 1),
            peer.Received.Where(static frame => frame.Type == Headers).Select(static frame => frame.Stream)));
        Assert.All(peers, static peer => Assert.True(peer.IsAlive()));
        Assert.All(peers, static peer => peer.AssertClean());
    }

    [Fact]
    public void Requests_ThatWaitForTheirTurn_AreLostWithTheirConnection()
    {
        using var peer = new RawPeer();
        peer.Carrier.Receive([.. Enumerable.Range(0, 80).SelectMany(static i => Request((2 * i) + 1, Connect))]);
        var begun = peer.World.Connector.Targets.Count;
        peer.Carrier.Lose(inOrder: false);
        peer.AssertClean();
        Assert.Equal(begun, peer.World.Connector.Targets.Count);
    }

    [Fact]
    public void RapidReset_CancelsTheWayToEachTarget()
    {
        using var peer = new RawPeer();
        peer.World.Connector.Hold = true;
        for (var i = 0; i < 50; i++)
            peer.Send(Request((2 * i) + 1, Connect), Write(ResetStream, 0, (2 * i) + 1, Number(8)));
        Assert.True(peer.IsAlive());
        peer.World.Connector.Release();
        peer.Settle();
        Assert.Equal((50, 0), (peer.World.Connector.Abandoned, peer.World.Connector.Tcp.Count));
        peer.AssertClean();
    }

    [Theory]
    [InlineData(ProxyErrorType.DnsError)]
    [InlineData(ProxyErrorType.DnsTimeout)]
    [InlineData(ProxyErrorType.ConnectionRefused)]
    [InlineData(ProxyErrorType.ConnectionTimeout)]
    [InlineData(ProxyErrorType.ConnectionLimitReached)]
    [InlineData(ProxyErrorType.ProxyInternalError)]
    public void Requests_WhoseTargetsAreNotReached_AreNoFlood(ProxyErrorType error)
    {
        // Thirty at once. Whoever meets nobody more often seems to scan, and is refused for that.
        using var peer = new RawPeer(parameters: Http2World.Default with { MaxConcurrentStreams = 20 }, resetsPerSecond: 1);
        peer.World.Connector.Failure = new ConnectFailure(error);
        Ask(peer, 60);
        Assert.True(peer.IsAlive());
        Assert.Equal((60, 0), (peer.World.Loop.Counters.RequestsRefused, peer.World.Loop.Counters.RefusedScanning));
        peer.AssertClean();
    }

    [Fact]
    public void Requests_ForTargetsThatAreNotAllowed_AreAFlood()
    {
        using var peer = new RawPeer(parameters: Http2World.Default with { MaxConcurrentStreams = 20 }, resetsPerSecond: 1);
        peer.World.Connector.Failure = new ConnectFailure(ProxyErrorType.DestinationIpProhibited);
        Ask(peer, 60);
        Assert.Equal(1, peer.World.Loop.Counters.Http2Floods[(int)Http2Flood.Resets]);
        peer.AssertEndedWith(Http2ErrorCode.EnhanceYourCalm);
    }

    // CVE-2024-28182.
    [Fact]
    public void Continuations_WithoutAnEnd_EndTheConnection()
    {
        using var peer = new RawPeer();
        peer.Send(Write(Headers, 0, 1, Connect));
        for (var i = 0; i < 100 && !peer.Carrier.IsClosed; i++)
            peer.Send(Write(Continuation, 0, 1, []));
        Assert.Equal(1, peer.World.Loop.Counters.Http2Floods[(int)Http2Flood.HeaderSection]);
        peer.AssertEndedWith(Http2ErrorCode.EnhanceYourCalm);
    }

    [Fact]
    public void Fields_WithoutAnEnd_EndTheConnection()
    {
        using var peer = new RawPeer();
        // One field of the dynamic table, and then a byte for each time that it is named (RFC 7541 §6.1).
        byte[] bomb =
        [
            .. Connect, 0x40, 1, (byte)'x', 127, 0x81, 0x1e, .. Enumerable.Repeat((byte)'y', 4000),
            .. Enumerable.Repeat((byte)0xbe, 10_000),
        ];
        peer.Send(Request(1, bomb));
        Assert.Equal(1, peer.World.Loop.Counters.Http2Floods[(int)Http2Flood.HeaderSection]);
        peer.AssertEndedWith(Http2ErrorCode.EnhanceYourCalm);
    }

    [Fact]
    public void Section_ThatStalls_EndsTheConnectionAndIsCounted()
    {
        using var peer = new RawPeer();
        peer.Send(Write(Headers, 0, 1, Connect));
        peer.World.Simulation.Run(Time.Seconds(9));
        Assert.False(peer.Carrier.IsClosed);
        peer.World.Simulation.Run(Time.Seconds(2));
        Assert.Equal(1, peer.World.Loop.Counters.RefusedIncomplete);
        peer.AssertEndedWith(Http2ErrorCode.EnhanceYourCalm);
    }

    [Fact]
    public void Section_ThatIsSlow_IsAnswered()
    {
        using var peer = new RawPeer();
        foreach (var value in Request(1, Connect))
        {
            peer.Send([value]);
            peer.World.Simulation.Run(Time.Milliseconds(100));
        }
        Assert.True(peer.IsAnswered(1));
        peer.World.Simulation.Run(Time.Seconds(20));
        Assert.True(peer.IsAlive());
        Assert.Equal(0, peer.World.Loop.Counters.RefusedIncomplete);
    }

    [Fact]
    public void Client_ThatDoesNotRead_IsNotRead()
    {
        using var peer = new RawPeer();
        peer.Carrier.Room = 0;
        var sent = 0;
        for (; sent < 10_000 && peer.Carrier.HttpProtocol.TakesBytes; sent++)
            peer.Send(Write(Ping, 0, 0, "12345678"u8));
        Assert.InRange(sent, 1, 200);
        peer.Carrier.Room = int.MaxValue;
        peer.Carrier.RequestWrite();
        peer.Settle();
        Assert.True(peer.Carrier.HttpProtocol.TakesBytes);
        Assert.True(peer.IsAlive());
    }

    [Fact]
    public void Frames_NowAndThen_AreFine()
    {
        using var peer = new RawPeer();
        for (var i = 0; i < 5000; i++)
        {
            peer.Send(Write(Ping, 0, 0, "12345678"u8));
            peer.World.Simulation.Run(Time.Milliseconds(20));
        }
        Assert.True(peer.IsAlive());
    }

    // Some clients answer every DATA frame, be it small, with two WINDOW_UPDATEs.
    [Fact]
    public void Updates_ForWhatCame_AreFine()
    {
        using var peer = new RawPeer();
        peer.Send(Request(1, Connect));
        for (var i = 0; i < 5000; i++)
        {
            peer.World.Connector.Tcp[0].Produce(10);
            peer.Send(Update(0, 10), Update(1, 10));
        }
        Assert.True(peer.IsAlive());
    }

    // CVE-2019-9511.
    [Fact]
    public void Updates_ForOneByteEach_AreAFlood()
    {
        using var peer = new RawPeer();
        peer.World.Connector.SetUpTcp = static flow => flow.Source = 1_000_000;
        peer.Send(Setting(4, 0), Request(1, Connect));
        for (var i = 0; i < 2000 && !peer.Carrier.IsClosed; i++)
            peer.Send(Update(1, 1));
        Assert.Equal(1, peer.World.Loop.Counters.Http2Floods[(int)Http2Flood.ControlFrames]);
        peer.AssertEndedWith(Http2ErrorCode.EnhanceYourCalm);
    }

    private static void Ask(RawPeer peer, int count)
    {
        for (var i = 0; i < count && !peer.Carrier.IsClosed; i++)
            peer.Send(Request((2 * i) + 1, Connect, ends: true));
        peer.Settle();
    }
}
