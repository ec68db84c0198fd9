using Relay.Native.Quic;
using Relay.Node.Tests.Fleet;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>A defect of the relay, or a want of memory, costs whose turn it shows in: one connection, or a packet.</summary>
public class DefectTests : InMemoryTests
{
    private static readonly InvalidOperationException Defect = new();

    /// <summary>Where in a turn of a connection it may show.</summary>
    public enum Where
    {
        /// <summary>In ngtcp2's callbacks, while a body is pulled.</summary>
        TcpDownstream,

        /// <summary>In the flush phase.</summary>
        TcpUpstream,

        /// <summary>While datagrams are written, between ngtcp2's calls.</summary>
        UdpDownstream,
    }

    [Theory]
    [InlineData(Where.TcpDownstream)]
    [InlineData(Where.TcpUpstream)]
    [InlineData(Where.UdpDownstream)]
    public void InATunnel_CostsItsConnectionAlone(Where where)
    {
        var network = Start();
        var (faulty, neighbour) = (network.Establish(), network.Establish());
        var (tcp, _) = network.Tunnels(faulty);
        var (tcpFlow, udpFlow) = (network.Node.Connector.Tcp[0], network.Node.Connector.Udp[0]);
        var (other, _) = network.Tunnels(neighbour);
        (tcpFlow.Fault, udpFlow.Fault) = (Defect, Defect);
        switch (where)
        {
            case Where.TcpDownstream:
                tcpFlow.Produce(100);
                break;
            case Where.TcpUpstream:
                tcp.Send("x"u8);
                break;
            default:
                udpFlow.Deliver("x"u8.ToArray());
                break;
        }
        Assert.True(network.Run(() => faulty.IsOver));
        Assert.Equal((CloseKind.Application, Http3ErrorCode.InternalError), (faulty.CloseReason.Kind, faulty.CloseReason.Code));
        other.Send("all is well"u8);
        Assert.True(network.Run(() => other.BodyLength == "all is well".Length));
        Assert.All(network.Node.Defects, static defect => Assert.Same(Defect, defect));
        Assert.NotEmpty(network.Node.Defects);
        network.Node.Defects.Clear();
    }

    /// <summary>What the libraries' callbacks lack is no defect.</summary>
    [Fact]
    public void NoMemory_InACallback_CostsItsConnectionAlone_AndIsNoDefect()
    {
        var network = Start();
        var (poor, neighbour) = (network.Establish(), network.Establish());
        _ = network.Tunnels(poor);
        var flow = network.Node.Connector.Tcp[0];
        var (other, _) = network.Tunnels(neighbour);
        flow.Fault = new OutOfMemoryException();
        flow.Produce(100);
        Assert.True(network.Run(() => poor.IsOver));
        other.Send("all is well"u8);
        Assert.True(network.Run(() => other.BodyLength == "all is well".Length));
        Assert.Empty(network.Node.Defects);
        Assert.InRange(network.Node.Loop.OutOfMemory, 1, int.MaxValue);
    }

    /// <summary>Another thread may dispose an identity that it has replaced at any moment: the client tries again.</summary>
    [Fact]
    public void Identity_ThatIsReplacedAtAHandshake_IsNoDefect()
    {
        var tls = TestIdentity.ServerFor(new ClientAuthority());
        var network = Start(new NodeSettings { Tls = tls });
        tls.Dispose();
        _ = network.AddRaw();
        network.Run(Time.Seconds(1));
        Assert.Empty(network.Node.Defects);
        Assert.Equal((0, 0), (network.Node.Connections.Open.Count, (int)network.Node.State.Connections));
    }

    [Fact]
    public void AtAStrangersPacket_CostsThatPacketAlone()
    {
        var network = Start();
        var client = network.Establish();
        network.Node.HandOverFault = Defect;
        byte[] packet = new byte[1200];
        packet[0] = 0x40;
        network.Node.Receive(new Packet(packet, Network.Endpoint(9, 9), InMemoryNode.Address, 0));
        network.Run(Time.Milliseconds(1));
        network.Node.HandOverFault = null;
        Assert.Same(Defect, Assert.Single(network.Node.Defects));
        network.Node.Defects.Clear();
        _ = network.Answered(client.ConnectUdp());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AtAConnectionsEnd_LeavesNothingOfIt(bool memory)
    {
        var network = Start();
        var client = network.Establish();
        _ = network.Tunnels(client);
        // All is said: the next that there is to say is the last.
        network.Run(Time.Seconds(1));
        network.Node.SinkFault = memory ? new OutOfMemoryException() : Defect;
        client.CloseWith(Http3ErrorCode.NoError);
        Assert.True(network.Run(() => network.Node.Connections.Open.Count == 0));
        Assert.Equal(memory ? (0, 1) : (1, 0), (network.Node.Defects.Count, network.Node.Loop.OutOfMemory));
        network.Node.Defects.Clear();
        network.CloseAndAssertClean();
    }

    /// <summary>What is counted of a tunnel, and whoever waits for its end, does not depend on who is told of it.</summary>
    [Fact]
    public void AtATunnelsEnd_OfWhichTheFleetCannotBeTold_LeavesNothingOfIt()
    {
        var observer = new FailingObserver();
        var network = Start(new NodeSettings { Observer = observer });
        var client = network.Establish();
        var (tcp, _) = network.Tunnels(client);
        observer.Fault = Defect;
        tcp.Reset(Http3ErrorCode.RequestCancelled);
        Assert.True(network.Run(() => client.IsOver && network.Node.Connections.Open.Count == 0));
        Assert.Equal((0L, 0L), (network.Node.State.Limits.Tunnels, network.Node.Loop.Counters.TunnelsActive));
        Assert.Same(Defect, Assert.Single(network.Node.Defects));
        network.Node.Defects.Clear();
    }

    /// <summary>What a tunnel fails to give back is nobody's, once the last that goes on is over.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AtATunnelsEnd_WithBytesThatWait_LeavesNoneOfThemCounted(bool outlived)
    {
        const int size = 200_000;
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 1000);
        var client = network.Establish();
        TestStream[] streams = [network.Answered(client.Connect()), network.Answered(client.Connect())];
        foreach (var stream in streams)
            stream.SendPattern(size);
        streams[1].Finish();
        network.Run(Time.Seconds(1));
        var (faulty, other) = (network.Node.Connector.Tcp[0], network.Node.Connector.Tcp[1]);
        if (!outlived)
            other.BeginReading();
        network.Run(Time.Seconds(1));
        faulty.AbortFault = Defect;
        Assert.InRange(network.Node.Context.Memory.Bytes, size / 2, 3 * size);
        streams[0].Reset(Http3ErrorCode.RequestCancelled);
        Assert.True(network.Run(() => network.Node.Connections.Open.Count == 0));
        network.Run(Time.Seconds(60));
        Assert.Equal((0, 1), (network.Node.Context.Memory.Sources, faulty.Aborts));
        // What comes of it may be others: nobody understands the tunnel any more.
        Assert.Contains(Defect, network.Node.Defects);
        network.Node.Defects.Clear();
    }
}
