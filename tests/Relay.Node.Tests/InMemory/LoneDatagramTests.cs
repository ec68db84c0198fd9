using Relay.Native.Quic;

namespace Relay.Node.Tests.InMemory;

/// <summary>A packet that needs nothing but an acknowledgement is not answered with a packet that is nothing else.</summary>
public class LoneDatagramTests : InMemoryTests
{
    private static readonly PathConditions Near = new() { Delay = Time.Milliseconds(1) };

    private readonly Network _network;
    private readonly TestStream _udp;
    private readonly Link _link;
    private readonly FakeUdpFlow _flow;

    public LoneDatagramTests()
    {
        _network = Start();
        var client = _network.Establish(new ClientSettings { Path = Near }, out _link);
        _udp = _network.Answered(client.ConnectUdp());
        _flow = Assert.Single(_network.Node.Connector.Udp);
        _flow.Echo = false;
        // Tokens, connection IDs, sizes of packets: all is said.
        _network.Run(Time.Seconds(3));
    }

    [Fact]
    public void Acknowledgement_GoesWithTheTargetsAnswer()
    {
        var before = _link.Down.Sent;
        _udp.SendDatagram("question"u8);
        Assert.True(_network.Run(() => _flow.SentCount == 1));
        _network.Run(Time.Milliseconds(3));
        Assert.Equal(before, _link.Down.Sent);
        _flow.Deliver("answer"u8.ToArray());
        _network.Run(Time.Milliseconds(100));
        Assert.Equal("answer"u8, Assert.Single(_udp.Datagrams));
        Assert.Equal(before + 1, _link.Down.Sent);
    }

    // RFC 9000 §13.2.1: at the latest after max_ack_delay, 25 ms, of which the loop's turns need some.
    [Fact]
    public void Acknowledgement_WithoutAnAnswer_IsSentInTime()
    {
        var waited = Waited(() => _udp.SendDatagram("question"u8));
        Assert.InRange(waited, QuicConnection.Patience, QuicConnection.Patience + Time.Milliseconds(2));
    }

    [Fact]
    public void SecondPacket_IsAcknowledgedWithTheFirst_AtOnce()
    {
        var waited = Waited(() =>
        {
            _udp.SendDatagram(new byte[1000]);
            _udp.SendDatagram(new byte[1000]);
        });
        Assert.Equal(0ul, waited);
    }

    [Fact]
    public void Congestion_IsToldAtOnce()
    {
        _link.Up.Filter = packet =>
        {
            _network.Node.Receive(packet with { Ecn = 3 });
            return false;
        };
        _udp.SendDatagram("question"u8);
        var before = _link.Down.Sent;
        var now = _network.Simulation.Now;
        Assert.True(_network.Run(() => _link.Down.Sent > before));
        Assert.Equal(now, _network.Simulation.Now);
    }

    [Fact]
    public void NewPath_IsAskedForAtOnce()
    {
        _network.Rebind(_link, 40_000);
        Assert.Equal(0ul, Waited(() => _udp.SendDatagram("question"u8)));
    }

    // As long as a packet with a question about its path is at least (RFC 9000 §8.2.1).
    [Fact]
    public void LongPacket_IsAcknowledgedAsTheEngineWould() =>
        Assert.InRange(Waited(() => _udp.SendDatagram(new byte[1190])), 0ul, Time.Milliseconds(1));

    [Fact]
    public void Datagrams_BothWays_LeaveStreamsUnasked()
    {
        _flow.Echo = true;
        var before = _network.Node.Connection.Questions;
        for (var i = 1; i <= 20; i++)
        {
            _udp.SendDatagram(new byte[i * 50]);
            Assert.True(_network.Run(() => _udp.DatagramCount == i));
        }
        Assert.Equal(before, _network.Node.Connection.Questions);
        _network.Answered(((TestClient)_udp.Connection).Connect());
        Assert.True(_network.Node.Connection.Questions > before);
    }

    [Fact]
    public void Request_IsAnsweredAtOnce()
    {
        Assert.Equal(0ul, Waited(() => ((TestClient)_udp.Connection).Connect()));
    }

    /// <summary>Nanoseconds from when the node receives what is sent to its next packet.</summary>
    private ulong Waited(Action send)
    {
        var (before, now) = (_link.Down.Sent, _network.Simulation.Now);
        send();
        Assert.True(_network.Run(() => _link.Down.Sent > before));
        return _network.Simulation.Now - now - Near.Delay;
    }
}
