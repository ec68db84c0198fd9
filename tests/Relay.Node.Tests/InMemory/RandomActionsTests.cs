using Relay.Native.Quic;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>
/// Clients and targets that do anything at any time, over a bad network. Whatever they do, the books balance
/// afterwards.
/// </summary>
public class RandomActionsTests
{
    private const int Actions = 3000;

    [Theory]
    [Seeds(8)]
    public void Anything_AtAnyTime_LeavesNothingBehind(int seed)
    {
        using var network = new Network(
            new NodeSettings { MaxTunnelsPerConnection = 20, MaxBidirectionalStreams = 30 }, seed);
        var world = new Actors(network, new Random(seed));
        for (var i = 0; i < Actions; i++)
        {
            world.Act();
            if (i % 4 == 0)
                network.Run(Time.Milliseconds(world.Random.Next(world.Random.Next(100) == 0 ? 20_000 : 20)));
            world.AssertInvariants();
        }
        network.Node.Connector.Hold = false;
        network.Node.Connector.Release();
        network.Node.SocketHasRoom = true;
        network.CloseAndAssertClean();
        Assert.True(network.Node.Loop.Ended.Count > 100);
        Assert.True(network.Node.Loop.Ended.Select(static t => t.Outcome).Distinct().Count() >= 5);
    }

    private sealed class Actors(Network network, Random random)
    {
        private readonly List<(TestClient Client, Link Link)> _clients = [];
        private readonly List<TestStream> _streams = [];

        public Random Random => random;

        public void Act()
        {
            _clients.RemoveAll(static c => c.Client.IsOver);
            _streams.RemoveAll(static s => s.IsClosed || s.Connection.State != QuicState.Open);
            if (_clients.Count < 3)
                AddClient();
            switch (random.Next(10))
            {
                case < 4 when _streams.Count > 0:
                    ActOnStream(_streams[random.Next(_streams.Count)]);
                    break;
                case < 7:
                    Open(_clients[random.Next(_clients.Count)].Client);
                    break;
                case 7:
                    ActOnTarget();
                    break;
                case 8:
                    ActOnNode();
                    break;
                default:
                    ActOnClient();
                    break;
            }
        }

        public void AssertInvariants()
        {
            var node = network.Node;
            Assert.Empty(node.Defects);
            Assert.Equal(node.Loop.Counters.TunnelsActive, node.State.Limits.Tunnels);
            Assert.Equal(
                node.Loop.Counters.Tcp.Started + node.Loop.Counters.Udp.Started - node.Loop.Counters.TunnelsActive,
                node.Loop.Ended.Count);
            Assert.Equal(node.Connections.Open.Count, node.Loop.Counters.ConnectionsActive);
            Assert.Equal(
                node.Connections.Open.Count(static c => !c.IsEstablished), node.Loop.Counters.HandshakesPending);
            Assert.All(node.Connections.Open, static c => Assert.InRange(c.TunnelCount, 0, 20));
            Assert.All(node.Loop.Ended, static t => Assert.Equal(TunnelState.Closed, t.State));
        }

        private void AddClient()
        {
            var client = network.AddClient(
                new ClientSettings
                {
                    Datagrams = random.Next(3) > 0,
                    Path = new PathConditions
                    {
                        Loss = random.Next(3) * 0.03,
                        Reordering = random.Next(2) * 0.2,
                        Duplication = random.Next(2) * 0.1,
                        Bandwidth = random.Next(2) * 500_000,
                        MaxPayload = random.Next(2) == 0 ? 1472 : 1252,
                    },
                    IdleTimeout = Time.Seconds(60),
                },
                out var link);
            _clients.Add((client, link));
        }

        private void Open(TestClient client)
        {
            if (client.State != QuicState.Open || client.GoAwayReceived || !client.HasStreamCredit)
                return;
            var stream = random.Next(8) switch
            {
                0 => client.Connect("no-port"),
                1 => client.Request((":method", "GET"), (":scheme", "https"), (":authority", "x"), (":path", "/")),
                2 => client.ConnectUdp(port: "0"),
                < 6 => client.Connect(),
                _ => client.ConnectUdp(),
            };
            stream.KeepsBody = stream.KeepsDatagrams = false;
            _streams.Add(stream);
        }

        private void ActOnStream(TestStream stream)
        {
            switch (random.Next(12))
            {
                case 0:
                    stream.Finish();
                    break;
                case 1:
                    stream.Reset(Http3ErrorCode.RequestCancelled);
                    break;
                case 2:
                    stream.Stop(Http3ErrorCode.NoError);
                    break;
                case 3:
                    stream.Reset(Http3ErrorCode.RequestCancelled);
                    stream.Stop(Http3ErrorCode.RequestCancelled);
                    break;
                case 4:
                    stream.Reads = false;
                    break;
                case 5:
                    stream.BeginReading();
                    break;
                case 6:
                    stream.SendCapsule(new byte[random.Next(3000)], (ulong)random.Next(2));
                    break;
                case 7 when random.Next(10) == 0:
                    stream.Send(Capsules.Header(CapsuleType.Datagram, (ulong)random.Next(100_000)));
                    break;
                case 8 when stream.Connection is TestClient { PeerTakesDatagrams: true }:
                    stream.SendDatagram(new byte[random.Next(1000)], (ulong)random.Next(2));
                    break;
                default:
                    stream.SendPattern(random.Next(100_000));
                    break;
            }
        }

        private void ActOnTarget()
        {
            var connector = network.Node.Connector;
            if (random.Next(2) == 0 && connector.Tcp.LastOrDefault(static f => !f.IsClosed) is { } tcp)
            {
                switch (random.Next(5))
                {
                    case 0:
                        tcp.Reset();
                        break;
                    case 1:
                        tcp.End();
                        break;
                    case 2:
                        tcp.Reads = false;
                        break;
                    case 3:
                        tcp.BeginReading();
                        break;
                    default:
                        tcp.Produce(random.Next(500_000));
                        break;
                }
            }
            else if (connector.Udp.LastOrDefault(static f => f.Closes == 0) is { } udp)
            {
                if (random.Next(5) == 0)
                    udp.Fail(111);
                else if (random.Next(3) == 0)
                    udp.Flood(random.Next(1000), random.Next(1500));
                else
                    udp.Deliver(new byte[random.Next(2000)]);
            }
        }

        private void ActOnNode()
        {
            var connector = network.Node.Connector;
            connector.SetUpTcp = random.Next(2) == 0 ? static f => f.Echo = true : static f => f.Source = 200_000;
            connector.Failure = random.Next(6) == 0 ? new ConnectFailure(ProxyErrorType.ConnectionRefused) : null;
            connector.Delay = random.Next(3) == 0 ? Time.Milliseconds(random.Next(1, 300)) : 0;
            connector.Hold = random.Next(5) == 0;
            if (!connector.Hold)
                connector.Release();
            network.Node.SocketHasRoom = random.Next(10) > 0;
            network.Node.BatchCapacity = random.Next(5) == 0 ? 3 : int.MaxValue;
            if (random.Next(20) == 0 && network.Node.Connections.Open.FirstOrDefault() is { } connection)
            {
                if (random.Next(2) == 0)
                    connection.ForceCloseTunnels();
                else
                    connection.Drain(0);
            }
        }

        private void ActOnClient()
        {
            var (client, link) = _clients[random.Next(_clients.Count)];
            switch (random.Next(20))
            {
                case 0:
                    client.CloseWith(Http3ErrorCode.NoError);
                    break;
                case 1:
                    client.IsAlive = false;
                    _clients.RemoveAll(c => ReferenceEquals(c.Client, client));
                    break;
                case 2:
                    network.Rebind(link, random.Next(1, 60_000));
                    break;
                case 3 when client.State == QuicState.Open:
                    _ = client.UpdateKeys();
                    break;
                case 4 when client.PeerTakesDatagrams && random.Next(3) == 0:
                    client.SendDatagram(4 * random.Next(40), new byte[10]);
                    break;
                case 5 when client.State == QuicState.Open && client.HasStreamCredit && client.TryOpen(out var id):
                    client.ResetStream(id, Http3ErrorCode.RequestCancelled);
                    break;
                case 6 when network.Node.Connections.Open.FirstOrDefault() is { } connection && random.Next(3) == 0:
                    connection.Shutdown();
                    break;
                default:
                    break;
            }
        }
    }
}
