using Relay.Node.Counters;
using Relay.Node.Sessions;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>
/// RFC 9298 §5: a client may send before it has an answer. What it sends is held, bounded, and not lost.
/// </summary>
public class UdpEarlyDatagramTests : InMemoryTests
{
    [Fact]
    public void Datagrams_BeforeTheTargetIsThere_AreHeldInOrder()
    {
        var network = Start();
        network.Node.Connector.Hold = true;
        var client = network.Establish();
        var stream = client.ConnectUdp();
        network.Run(Time.Milliseconds(50));
        for (var i = 0; i < EarlyDatagrams.MaxCount; i++)
            stream.SendDatagram([(byte)i]);
        network.Run(Time.Milliseconds(50));
        network.Node.Connector.Release();
        Assert.True(network.Run(() => stream.Datagrams.Count == EarlyDatagrams.MaxCount));
        Assert.Equal(Enumerable.Range(0, 8), network.Node.Connector.Udp[0].Sent.Select(static d => (int)d[0]));
        Assert.Equal(0, network.Node.Loop.Counters.UpstreamDropsEarly);
    }

    /// <summary>As with a loop that has to flush for want of room, and so meets what ICMP said of the first of them.</summary>
    [Fact]
    public void Datagrams_WhoseTargetIsFoundGoneMeanwhile_EndTheirTunnelAlone()
    {
        var network = Start();
        network.Node.Connector.Hold = true;
        network.Node.Connector.SetUpUdp = static flow => flow.SendFailure = 111;
        var client = network.Establish();
        var stream = client.ConnectUdp();
        network.Run(Time.Milliseconds(50));
        for (var i = 0; i < 3; i++)
            stream.SendDatagram([(byte)i]);
        network.Run(Time.Milliseconds(50));
        network.Node.Connector.Release();
        Assert.True(network.Run(() => stream.Ended));
        Assert.Equal(TunnelOutcome.TargetAborted, Assert.Single(network.Node.Loop.Ended).Outcome);
        Assert.Empty(network.Node.Defects);
        Assert.False(client.IsOver);
    }

    [Fact]
    public void Datagrams_MoreThanEight_AreDroppedAndCounted()
    {
        var network = Start();
        network.Node.Connector.Hold = true;
        var stream = network.Establish().ConnectUdp();
        network.Run(Time.Milliseconds(50));
        for (var i = 0; i < 20; i++)
            stream.SendDatagram([(byte)i]);
        network.Run(Time.Milliseconds(50));
        Assert.Equal(12, network.Node.Loop.Counters.UpstreamDropsEarly);
        network.Node.Connector.Release();
        Assert.True(network.Run(() => stream.Datagrams.Count == 8));
        Assert.Equal(Enumerable.Range(0, 8), network.Node.Connector.Udp[0].Sent.Select(static d => (int)d[0]));
    }

    [Fact]
    public void Capsules_MoreThan64KiB_AreDroppedAndCounted()
    {
        var network = Start();
        network.Node.Connector.Hold = true;
        var stream = network.Establish().ConnectUdp();
        foreach (var size in (int[])[40_000, 20_000, 10_000, 5_000, 1_000])
            stream.SendCapsule(new byte[size]);
        network.Run(Time.Seconds(1));
        Assert.Equal(2, network.Node.Loop.Counters.UpstreamDropsEarly);
        network.Node.Connector.Release();
        network.Run(Time.Seconds(1));
        Assert.Equal([40_000, 20_000, 5_000], network.Node.Connector.Udp[0].Sent.Select(static d => d.Length));
    }

    /// <summary>Each tunnel may hold 64 KiB, and a client may have thousands.</summary>
    [Fact]
    public void Datagrams_OfAllTunnelsOfAClient_AreBounded_AndMakeRoomAgain()
    {
        const int size = 1100;
        const int held = Session.MaxHeld / size;
        const int tunnels = (held / EarlyDatagrams.MaxCount) + 50;
        const int dropped = (tunnels * EarlyDatagrams.MaxCount) - held;
        var network = Start(new NodeSettings { MaxTunnelsPerConnection = 4096, MaxBidirectionalStreams = 4112, MaxUnacceptedRequests = 4112 });
        network.Node.Connector.Hold = true;
        var client = network.Establish();
        for (var round = 1; round <= 2; round++)
        {
            var streams = network.AskAll(client, tunnels, _ => client.ConnectUdp());
            network.Run(Time.Milliseconds(100));
            foreach (var stream in streams)
            {
                for (var i = 0; i < EarlyDatagrams.MaxCount; i++)
                    stream.SendDatagram(new byte[size]);
            }
            Assert.True(network.Run(() => network.Node.Loop.Counters.UpstreamDropsEarly == dropped * round));
            Assert.Equal(held * size, network.Node.Client.Session.Held);
            network.Node.Connector.Release();
            // Nobody has answered yet: most are more than their source may send to one host.
            Assert.True(network.Run(() => held * round == network.Node.Loop.Counters.UpstreamDropsUnanswered
                + network.Node.Connector.Udp.Sum(static flow => flow.SentCount)));
            Assert.Equal(0, network.Node.Client.Session.Held);
            foreach (var stream in streams)
                stream.Finish();
            Assert.True(network.Run(() => streams.TrueForAll(static stream => stream.IsClosed)));
        }
    }

    [Fact]
    public void Capsules_InPart_OnAllTunnelsOfAClient_AreBounded()
    {
        var network = Start();
        var client = network.Establish();
        var streams = network.AskAll(client, 200, _ => client.ConnectUdp());
        Assert.True(network.Run(() => streams.TrueForAll(static stream => stream.Status == 200)));
        foreach (var stream in streams)
            stream.Send([.. Capsules.Header(CapsuleType.Datagram, 60_000), .. new byte[59_000]]);
        Assert.True(network.Run(() => streams.Exists(static stream => stream.ResetCode == Http3ErrorCode.ExcessiveLoad)));
        network.Run(Time.Seconds(5));
        Assert.InRange(network.Node.Client.Session.Held, 1, Session.MaxHeld);
        Assert.InRange(streams.Count(static stream => stream.ResetCode is null), Session.MaxHeld / (64 * 1024), 199);
        Assert.False(client.IsOver);
    }

    [Fact]
    public void Datagrams_ThatOvertakeTheRequest_AreHeldInOrder()
    {
        var (network, client) = Start().WithClient(null, out var link);
        var fast = link.Up.Conditions;
        link.Up.Conditions = fast with { Delay = Time.Milliseconds(30) };
        var stream = client.ConnectUdp();
        network.Run(Time.Milliseconds(1));
        link.Up.Conditions = fast;
        for (var i = 0; i < 5; i++)
            stream.SendDatagram([(byte)i]);
        network.Run(Time.Milliseconds(15));
        Assert.Empty(network.Node.Connector.Targets);
        Assert.True(network.Run(() => stream.Datagrams.Count == 5));
        Assert.Equal(Enumerable.Range(0, 5), network.Node.Connector.Udp[0].Sent.Select(static d => (int)d[0]));
    }

    [Fact]
    public void Datagrams_BetweenTwoPartsOfTheHeaderSection_AreHeldInOrder()
    {
        // A header section of more than one packet, whose second half comes late.
        var (network, client) = Start().WithClient(null, out var link);
        var fast = link.Up.Conditions;
        var stream = client.ConnectUdp("target.test", "53", ("x-padding", Padding(2500)));
        var sent = link.Up.Sent;
        link.Up.Filter = packet =>
        {
            link.Up.Conditions = link.Up.Sent > sent + 1 && packet.Payload.Length > 500
                ? fast with { Delay = Time.Milliseconds(50) } : fast;
            return true;
        };
        network.Run(Time.Milliseconds(2));
        for (var i = 0; i < 5; i++)
            stream.SendDatagram([(byte)i]);
        network.Run(Time.Milliseconds(20));
        Assert.Empty(network.Node.Connector.Targets);
        Assert.Equal(1, network.Node.Connection.StreamCount);
        Assert.True(network.Run(() => stream.Status == 200));
        Assert.True(network.Run(() => stream.Datagrams.Count == 5));
        Assert.Equal(0, network.Node.Loop.Counters.UpstreamDropsEarly);
    }

    [Fact]
    public void Datagrams_OfOneTunnelBeforeItsRequest_DoNotReachAnother()
    {
        var (network, client) = Start().WithClient();
        // Stream 0 is known, stream 8 is not, and stream 4 is a TCP tunnel by the time its datagram is looked at.
        var first = network.Answered(client.ConnectUdp("first.test"));
        client.SendDatagram(8, "for the third"u8);
        network.Run(Time.Milliseconds(50));
        var second = client.ConnectUdp("second.test");
        var third = client.ConnectUdp("third.test");
        Assert.True(network.Run(() => third.Datagrams.Count == 1));
        Assert.Equal(8, third.Id);
        Assert.Empty(second.Datagrams);
        Assert.Empty(first.Datagrams);
    }

    [Fact]
    public void Datagrams_ForAStreamThatIsOver_AreDroppedAndCounted()
    {
        var (network, client) = Start().WithClient();
        var stream = network.Answered(client.ConnectUdp());
        stream.Finish();
        Assert.True(network.Run(() => stream.IsClosed && network.Node.Connection.StreamCount == 0));
        for (var i = 0; i < 20; i++)
            client.SendDatagram(stream.Id, "too late"u8);
        network.Run(Time.Seconds(1));
        Assert.Equal(20, network.Node.Loop.Counters.UpstreamDropsEarly);
        Assert.False(client.IsOver);
    }

    [Fact]
    public void Datagrams_MalformedBeforeTheRequest_OpenNoTarget()
    {
        // An empty HTTP datagram has no context ID: the stream that it belongs to is aborted as soon as it exists.
        var (network, client) = Start().WithClient();
        client.SendFrame([0]);
        network.Run(Time.Milliseconds(50));
        var stream = client.ConnectUdp("192.0.2.7");
        Assert.True(network.Run(() => stream.IsClosed));
        Assert.Equal(Protocol.Http3ErrorCode.DatagramError, stream.ResetCode);
        Assert.Single(network.Node.Loop.Ended);
        Assert.All(network.Node.Connector.Udp, static flow => Assert.Equal(1, flow.Closes));
    }

    [Fact]
    public void Datagrams_BeforeATcpRequest_AbortItAndOpenNoTarget()
    {
        var (network, client) = Start().WithClient();
        client.SendDatagram(0, "early"u8);
        network.Run(Time.Milliseconds(50));
        var stream = client.Connect();
        Assert.True(network.Run(() => stream.IsClosed));
        Assert.Equal(Protocol.Http3ErrorCode.DatagramError, stream.ResetCode);
        Assert.Empty(network.Node.Connector.Targets);
    }

    [Fact]
    public void Datagrams_BeforeARequestThatIsRefused_DoNotTakeTheRoomOfOthers()
    {
        var (network, client) = Start().WithClient();
        for (var i = 0; i < EarlyDatagrams.MaxCount; i++)
            client.SendDatagram(0, "early"u8);
        network.Run(Time.Milliseconds(50));
        network.Answered(client.ConnectUdp(port: "0"), 400);
        client.SendDatagram(4, "held"u8);
        network.Run(Time.Milliseconds(50));
        var stream = client.ConnectUdp();
        Assert.True(network.Run(() => stream.Datagrams.Count == 1));
    }

    private static string Padding(int length)
    {
        var random = new Random(1);
        // Characters whose Huffman codes are long, so that QPACK does not shrink it.
        return string.Create(length, random, static (span, r) =>
        {
            foreach (ref var c in span)
                c = "!#$&*"[r.Next(5)];
        });
    }
}
