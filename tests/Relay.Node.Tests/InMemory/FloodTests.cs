using Relay.Native.Quic;
using Relay.Node.Counters;
using Relay.Node.Http;
using Relay.Node.Http3;
using Relay.Node.Io;
using Relay.Node.Options;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>
/// Clients of HTTP/3 that have the relay work for nothing (RFC 9114 §10.5): each is ended with H3_EXCESSIVE_LOAD, is counted,
/// and has no more than its share of a turn until then.
/// </summary>
public class FloodTests : InMemoryTests
{
    private static readonly byte[] Connect = RawClient.ConnectHeaders();

    private static readonly Dictionary<string, (Action<RawClient, long> First, Action<RawClient, long>? Then)> Ways = new()
    {
        ["reset"] = (Reset, null),
        ["request; reset, stop"] = (static (c, s) => c.Send(s, Connect), ResetAndStop),
        ["request with its end; stop"] = (static (c, s) => c.Send(s, Connect, fin: true), Stop),
        ["request that is refused"] = (static (c, s) => c.Send(s, RawClient.GetHeaders, fin: true), null),
        ["half a request; reset"] = (static (c, s) => c.Send(s, Connect.AsSpan(0, 3)), Reset),
    };

    public static TheoryData<string> Names => [.. Ways.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Requests_ThatComeToNothing_EndTheirConnection(string way)
    {
        var network = Start();
        // Targets that have yet to answer: a request that is given up was on its way.
        network.Node.Connector.Hold = true;
        var client = network.EstablishRaw();
        Flood(network, client, 4000, Ways[way]);
        Assert.True(network.Run(() => client.IsOver));
        Assert.Equal((CloseKind.Application, Http3ErrorCode.ExcessiveLoad), (client.CloseReason.Kind, client.CloseReason.Code));
        Assert.Equal(1, network.Node.Loop.Counters.Http3Resets);
    }

    [Fact]
    public void Resets_OfRequestsThatAreNotAnswered_CountForMore()
    {
        var network = Start(new NodeSettings { MaxBidirectionalStreams = 100 });
        var client = network.EstablishRaw();
        // 600 at once: ten seconds' worth and the streams that it may have.
        Flood(network, client, 500, Ways["request; reset, stop"]);
        Assert.False(client.IsOver);
        network.Run(Time.Seconds(20));
        network.Node.Connector.Hold = true;
        Flood(network, client, 100, Ways["request; reset, stop"]);
        Assert.True(network.Run(() => client.IsOver));
    }

    [Fact]
    public void Tunnels_ThatCarriedSomething_MayBeReset()
    {
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Source = 10;
        var client = network.EstablishRaw();
        Flood(network, client, 4000, (static (c, s) => c.Send(s, Connect), ResetAndStop), Time.Milliseconds(300));
        Assert.False(client.IsOver);
        Assert.Equal(4000, network.Node.Loop.Counters.Tcp.Started);
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
        var network = Start(new NodeSettings { ResetsPerSecond = 1, MaxBidirectionalStreams = 20 });
        network.Node.Connector.Failure = new ConnectFailure(error);
        var client = network.EstablishRaw();
        Flood(network, client, 60, (static (c, s) => c.Send(s, Connect, fin: true), null));
        Assert.False(client.IsOver);
        Assert.Equal((60, 0), (network.Node.Loop.Counters.RequestsRefused, network.Node.Loop.Counters.RefusedScanning));
    }

    [Fact]
    public void Requests_ThatADrainingNodeRefuses_AreNoFlood()
    {
        var network = Start();
        var client = network.EstablishRaw();
        network.Node.Context.Limits.Drain();
        Flood(network, client, 1000, (static (c, s) => c.Send(s, Connect, fin: true), null));
        Assert.False(client.IsOver);
        Assert.Equal(1000, network.Node.Loop.Counters.RefusedDraining);
    }

    [Fact]
    public void Requests_ForTargetsThatAreNotAllowed_AreAFlood()
    {
        var network = Start();
        network.Node.Connector.Failure = new ConnectFailure(ProxyErrorType.DestinationIpProhibited);
        var client = network.EstablishRaw();
        Flood(network, client, 4000, (static (c, s) => c.Send(s, Connect, fin: true), null));
        Assert.True(network.Run(() => client.IsOver));
    }

    [Fact]
    public void Resets_NowAndThen_AreFine()
    {
        var network = Start();
        var client = network.EstablishRaw();
        for (var second = 0; second < 60; second++)
        {
            Flood(network, client, 40, Ways["request that is refused"]);
            network.Run(Time.Seconds(1));
        }
        Assert.False(client.IsOver);
    }

    [Fact]
    public void Requests_ManyAtOnce_AreBegunAFewATurn_AndAllOfThem()
    {
        var network = Start();
        var client = network.EstablishRaw();
        var most = 0;
        See(network, count => most = Math.Max(most, count));
        while (client.TryOpenBidirectional(out var stream))
            client.Send(stream, Connect);
        Assert.True(network.Run(() => network.Node.Connector.Targets.Count == 100));
        // Sixteen, and what is in the packet of the last.
        Assert.InRange(most, 16, 64);
        Assert.True(network.Run(() => client.Received.Count(static one => one.Key % 4 == 0) == 100));
    }

    /// <summary>Many connections do not do together what one may not; and all of them come to their turn.</summary>
    [Fact]
    public void Requests_OfManyConnectionsAtOnce_AreBegunAFewATurn_AndAllOfThem()
    {
        var network = Start();
        var clients = Many(network);
        var most = 0;
        See(network, count => most = Math.Max(most, count));
        clients.ForEach(AskAll);
        Assert.True(network.Run(() => network.Node.Connector.Targets.Count == 100 * clients.Count));
        // And what is in the packet of the last.
        Assert.InRange(most, 16, NodeDefaults.MaxRequestsPerTurn + 64);
        Assert.True(network.Run(() => clients.TrueForAll(
            static client => client.Received.Count(static one => one.Key % 4 == 0) == 100)));
    }

    /// <summary>Many connections of one source have what one source has: who comes after them all is not behind them.</summary>
    [Fact]
    public void Requests_OfAnotherSource_AreNotBehindThoseOfManyConnections()
    {
        var network = Start();
        List<RawClient> clients = [.. Enumerable.Range(0, 24).Select(_ => network.EstablishRaw(77))];
        var neighbour = network.EstablishRaw(78);
        // Who has been silent for as long sends at once, as they do.
        network.Run(Time.Milliseconds(50));
        var served = network.Node.Connections.Open.Single(static client => client.Source == SourceKey.Of(Network.Endpoint(78, 1)));
        var before = 0;
        network.Simulation.Add(new Watch(() =>
        {
            if (served.TunnelCount == 16 && before == 0)
                before = network.Node.Connector.Targets.Count;
        }));
        clients.ForEach(AskAll);
        for (var i = 0; i < 16; i++)
            neighbour.Send(neighbour.OpenBidirectional(), Connect);
        Assert.True(network.Run(() => before > 0));
        // What a turn begins at once, and a share of the line, with what is in the packets of the last of each; of 2400.
        Assert.InRange(before, 16, 16 + (2 * NodeDefaults.MaxRequestsPerTurn) + 100);
        Assert.True(network.Run(() => network.Node.Connector.Targets.Count == 16 + (100 * clients.Count)));
    }

    /// <summary>Who has a tunnel and asks for nothing is not behind those who ask.</summary>
    [Fact]
    public void Datagram_BehindTheRequestsOfManyConnections_IsSentInTheFirstTurn()
    {
        var network = Start();
        var clients = Many(network);
        var neighbour = network.Establish();
        var tunnel = network.Answered(neighbour.ConnectUdp());
        var flow = Assert.Single(network.Node.Connector.Udp);
        network.Run(RequestTurns.Lately);
        var before = -1;
        network.Simulation.Add(new Watch(() =>
        {
            if (flow.Sent.Count > 0 && before < 0)
                before = network.Node.Connector.Targets.Count;
        }));
        clients.ForEach(AskAll);
        tunnel.SendDatagram("x"u8);
        Assert.True(network.Run(() => flow.Sent.Count == 1));
        Assert.InRange(before, 0, 1 + NodeDefaults.MaxRequestsPerTurn + 64);
        Assert.True(network.Run(() => network.Node.Connector.Targets.Count == 1 + (100 * clients.Count)));
    }

    /// <summary>Behind an address there may be an office: who floods is ended, again and again, and nobody else is.</summary>
    [Fact]
    public void Neighbours_BehindTheSameAddress_AreServedAllTheSame()
    {
        const int host = 77;
        var network = Start(new NodeSettings { ResetsPerSecond = 10, MaxBidirectionalStreams = 20 });
        List<RawClient> honest = [.. Enumerable.Range(0, 50).Select(_ => network.EstablishRaw(host))];
        for (var round = 0; round < 20; round++)
        {
            // 120 may come to nothing at once.
            var attacker = network.EstablishRaw(host);
            Flood(network, attacker, 400, Ways["request that is refused"]);
            Assert.True(network.Run(() => attacker.IsOver));
        }
        Assert.Equal(20, network.Node.Loop.Counters.Http3Resets);
        foreach (var client in honest)
        {
            Assert.False(client.IsOver);
            Assert.Equal(200, network.Ask(client));
        }
    }

    /// <summary>What waits may be anything: a turn has a few packets of it, and not all that came.</summary>
    [Fact]
    public void Packets_ThatWaitForTheirTurn_AreReadAFewATurn_BeThereRequestsInThemOrNot()
    {
        const int packets = 3000;
        const int least = 30 + HeldPacket.Overhead;
        var network = Start();
        var client = network.Speak();
        var (held, most) = (0, 0);
        network.Simulation.Add(new Watch(() =>
        {
            most = Math.Max(most, held - network.Node.Http3.Held.Bytes);
            held = network.Node.Http3.Held.Bytes;
        }));
        byte[] requests = [.. Enumerable.Range(0, 20).SelectMany(static i => QuicFrames.Stream(4 * (ulong)i, 0, Connect))];
        client.Send(requests);
        for (var i = 0; i < packets; i++)
            client.Send(QuicFrames.Of(QuicFrames.Ping, 0, 0, 0));
        Assert.True(network.Run(() => network.Node.Connector.Targets.Count == 20 && network.Node.Http3.Held.Bytes == 0));
        Assert.InRange(most, 1, 1024 * (least + 10));
        Assert.Equal(0, network.Node.Loop.Counters.PacketsDiscarded);
    }

    [Fact]
    public void Packets_BeyondWhatMayWait_AreLost_AndCountedAsSuch()
    {
        const int packets = 15_000;
        var network = Start();
        var client = network.Speak();
        client.Send([.. Enumerable.Range(0, 20).SelectMany(static i => QuicFrames.Stream(4 * (ulong)i, 0, Connect))]);
        for (var i = 0; i < packets; i++)
            client.Send(QuicFrames.Of(QuicFrames.Ping, 0, 0, 0));
        Assert.True(network.Run(() => network.Node.Connector.Targets.Count == 20));
        Assert.InRange(network.Node.Loop.Counters.Discarded[(int)PacketDiscard.Requests], 1, packets / 2);
    }

    /// <summary>What waits is shared by sources, and there is always something for another.</summary>
    [Fact]
    public void Packets_OfOneSourceThatWait_LeaveRoomForOthers()
    {
        var network = Start();
        int Fill(int host, int most = int.MaxValue)
        {
            _ = network.EstablishRaw(host);
            var connection = InMemoryNode.CarrierOf(network.Node.Connections.Open[^1]);
            var held = 0;
            while (held < most && connection.TryHold(default, default, 0, new byte[1024 - HeldPacket.Overhead], out _))
                held += 1024;
            return held;
        }
        Assert.Equal(HeldShares.OfConnection, Fill(1));
        var first = HeldShares.OfConnection;
        for (var i = 0; i < 20; i++)
            first += Fill(1);
        // Half of what is not kept for those who have little.
        const int half = (HeldShares.Most - HeldShares.ForFloors) / 2;
        Assert.InRange(first, half - (64 * 1024), half);
        Assert.InRange(Fill(2), HeldShares.OfConnection - (64 * 1024), HeldShares.OfConnection);
        for (var host = 3; host < 30; host++)
            Assert.InRange(Fill(host), HeldShares.Floor - 1024, HeldShares.OfConnection);
        Assert.InRange(network.Node.Http3.Held.Bytes, half, HeldShares.Most);
        foreach (var connection in network.Node.Connections.Open)
            InMemoryNode.CarrierOf(connection).DropHeld();
        Assert.Equal(0, network.Node.Http3.Held.Bytes);
    }

    [Fact]
    public void Requests_InTurnsOfAnotherSize_AreBegunAsMany_AndCountedWhereTheyWaited()
    {
        var network = Start(new NodeSettings { RequestsPerTurn = 5, RequestsPerTurnPerConnection = 3 });
        var client = network.Speak();
        var most = 0;
        See(network, count => most = Math.Max(most, count));
        for (var i = 0; i < 20; i++)
            client.Send(QuicFrames.Stream(4 * (ulong)i, 0, Connect));
        Assert.True(network.Run(() => network.Node.Connector.Targets.Count == 20));
        Assert.Equal(3, most);
        Assert.Equal(20 - 3, network.Node.Loop.Counters.RequestsDelayed);
    }

    /// <summary>Where requests take long a turn has but a few, however many there may be, of what comes in it and of what has waited.</summary>
    [Fact]
    public void Requests_ThatTakeLong_AreBegunAFewATurn_AndAllOfThem()
    {
        const int many = 20;
        var network = Start();
        var client = network.EstablishPacketClient().Client;
        client.Send([.. QuicFrames.Stream(2, 0, [0, 4, 0])]);
        network.Run(Time.Milliseconds(50));
        network.Node.Loop.Work = Time.Microseconds(75);
        var most = 0;
        See(network, count => most = Math.Max(most, count));
        for (var i = 0; i < many; i++)
            client.Send(QuicFrames.Stream(4 * (ulong)i, 0, Connect));
        Assert.True(network.Run(() => network.Node.Connector.Targets.Count == many));
        Assert.InRange(most, 1, 4);
    }

    /// <summary>The same of packets behind them, be there requests in those or not.</summary>
    [Fact]
    public void Packets_ThatWait_AreReadForAWhile_AndAllOfThem()
    {
        const int packets = 100;
        const int least = 30 + HeldPacket.Overhead;
        var network = Start();
        var client = network.EstablishPacketClient().Client;
        client.Send([.. QuicFrames.Stream(2, 0, [0, 4, 0])]);
        network.Run(Time.Milliseconds(50));
        network.Node.Loop.Work = Time.Microseconds(75);
        var (held, most) = (0, 0);
        network.Simulation.Add(new Watch(() =>
        {
            most = Math.Max(most, held - network.Node.Http3.Held.Bytes);
            held = network.Node.Http3.Held.Bytes;
        }));
        client.Send([.. Enumerable.Range(0, 20).SelectMany(static i => QuicFrames.Stream(4 * (ulong)i, 0, Connect))]);
        for (var i = 0; i < packets; i++)
            client.Send(QuicFrames.Of(QuicFrames.Ping, 0, 0, 0));
        Assert.True(network.Run(() => network.Node.Connector.Targets.Count == 20 && network.Node.Http3.Held.Bytes == 0));
        Assert.InRange(most, least - 10, 5 * (least + 10));
        Assert.Equal(0, network.Node.Loop.Counters.PacketsDiscarded);
    }

    [Fact]
    public void Packets_ThatWaitForTheirTurn_AreLostWithTheirConnection()
    {
        var network = Start();
        var client = network.EstablishRaw();
        while (client.TryOpenBidirectional(out var stream))
            client.Send(stream, Connect);
        See(network, count =>
        {
            if (count > 0)
                network.Node.ForceClose();
        });
        Assert.True(network.Run(() => client.IsOver));
        Assert.InRange(network.Node.Connector.Targets.Count, 16, 64);
    }

    private static List<RawClient> Many(Network network) => [.. Enumerable.Range(0, 12).Select(_ => network.EstablishRaw())];

    private static void AskAll(RawClient client)
    {
        while (client.TryOpenBidirectional(out var stream))
            client.Send(stream, Connect);
    }

    private static void Flood(
        Network network, RawClient client, int count, (Action<RawClient, long> First, Action<RawClient, long>? Then) way,
        ulong pause = 1_000_000)
    {
        for (var asked = 0; asked < count && !client.IsOver;)
        {
            Assert.True(network.Run(() => client.HasStreamCredit || client.IsOver));
            var streams = new List<long>();
            for (; asked < count && client.TryOpenBidirectional(out var stream); asked++)
            {
                streams.Add(stream);
                way.First(client, stream);
            }
            network.Run(Math.Max(pause, Time.Milliseconds(30)));
            if (way.Then is null || client.IsOver)
                continue;
            foreach (var stream in streams)
                way.Then(client, stream);
            network.Run(Time.Milliseconds(30));
        }
    }

    private static void Reset(RawClient client, long stream) => client.Reset(stream, Http3ErrorCode.RequestCancelled);

    private static void Stop(RawClient client, long stream) => client.Stop(stream, Http3ErrorCode.RequestCancelled);

    private static void ResetAndStop(RawClient client, long stream)
    {
        Reset(client, stream);
        Stop(client, stream);
    }

    /// <summary>Sees, between turns, how many requests the last one began.</summary>
    private static void See(Network network, Action<int> begun)
    {
        var seen = 0;
        network.Simulation.Add(new Watch(() =>
        {
            var count = network.Node.Connector.Targets.Count;
            begun(count - seen);
            seen = count;
        }));
    }
}
