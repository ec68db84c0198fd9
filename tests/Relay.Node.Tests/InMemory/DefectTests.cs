using Relay.Native.Quic;
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
        network.Node.SinkFault = memory ? new OutOfMemoryException() : Defect;
        client.CloseWith(Http3ErrorCode.NoError);
        Assert.True(network.Run(() => network.Node.Connections.Open.Count == 0));
        Assert.Equal(memory ? (0, 1) : (1, 0), (network.Node.Defects.Count, network.Node.Loop.OutOfMemory));
        network.Node.Defects.Clear();
        network.CloseAndAssertClean();
    }
}
