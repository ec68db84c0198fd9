using Relay.Native.Quic;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>
/// A connection can end in any state and in many ways. However it ends, every flow is closed exactly once, and no
/// timer, count or block is left: <see cref="Network.CloseAndAssertClean"/> checks that.
/// </summary>
public class ConnectionEndTests : InMemoryTests
{
    private const ulong ApplicationError = 0xc;

    public static MatrixTheoryData<string, string> StatesAndEnds => new(
        ["handshake", "idle", "connecting", "open", "busy", "half-closed", "refused"],
        ["client closes", "client errs", "node closes", "client vanishes", "node forgets"]);

    /// <summary>What it had open ends in a share of each turn: others have theirs between.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Connection_WithManyTunnels_EndsInAFewTurns_NothingIsLeft(bool byClient)
    {
        const int many = 250;
        const int atOnce = 8;
        var (network, client) = Start().WithClient();
        var tunnels = network.AskAll(client, many, _ => client.Connect());
        Assert.True(network.Run(() => tunnels.TrueForAll(static tunnel => tunnel.Status == 200)));
        var (loop, most, ended) = (network.Node.Loop, 0, 0);
        network.Simulation.Add(new Watch(() =>
        {
            most = Math.Max(most, loop.Ended.Count - ended);
            ended = loop.Ended.Count;
        }));
        loop.Work = Time.Microseconds(75);
        if (byClient)
            client.CloseWith(Http3ErrorCode.NoError);
        else
            network.Node.Client.Shutdown();
        Assert.True(network.Run(() => network.Node.Closed.Count == 1));
        Assert.Equal(many, loop.Ended.Count);
        Assert.InRange(most, atOnce, 5 * atOnce);
        loop.Work = 0;
        network.CloseAndAssertClean();
    }

    [Theory]
    [MemberData(nameof(StatesAndEnds))]
    public void Connection_EndsInAnyState_NothingIsLeft(string state, string end)
    {
        var network = Start();
        var client = Reach(network, state);
        switch (end)
        {
            case "client closes":
                client.CloseWith(Http3ErrorCode.NoError);
                break;
            case "client errs":
                client.CloseWith(Http3ErrorCode.GeneralProtocolError);
                break;
            case "node closes":
                network.Node.Client.Shutdown();
                break;
            case "client vanishes":
                client.IsAlive = false;
                break;
            default:
                // Its next packet is answered with a stateless reset.
                network.Node.Forget();
                break;
        }
        Assert.True(network.Simulation.Run(() => network.Node.Closed.Count == 1, Time.Seconds(700)));
        if (end is "node forgets" && state != "handshake")
        {
            client.SendFrame([0]);
            Assert.True(network.Run(() => client.IsOver));
            Assert.Equal(CloseKind.StatelessReset, client.CloseReason.Kind);
        }
        network.Run(Time.Seconds(60));
        Assert.Equal(0, network.Node.Loop.Counters.TunnelsActive);
        Assert.Equal(0, network.Node.Http3.Blocks.Rented);
        AssertReason(network.Node.Closed[0], end);
    }

    [Fact]
    public void NodeCloses_ClientIsToldNoError()
    {
        var network = Start();
        var client = Reach(network, "busy");
        network.Node.Client.Shutdown();
        Assert.True(network.Run(() => client.State == QuicState.Draining));
        client.AssertClosed(Http3ErrorCode.NoError);
    }

    [Fact]
    public void NodeCloses_CloseIsLost_IsRepeatedEverMoreRarely()
    {
        var (network, client) = Start().WithClient(null, out var link);
        var stream = network.Answered(client.Connect());
        link.Down.Filter = static _ => false;
        var sent = link.Down.Sent;
        network.Node.Client.Shutdown();
        network.Run(Time.Milliseconds(1));
        Assert.Equal(sent + 1, link.Down.Sent);
        for (var i = 0; i < 16; i++)
        {
            stream.Send("x"u8);
            network.Run(Time.Microseconds(100));
        }
        network.Run(Time.Milliseconds(20));
        // At the 1st, 2nd, 4th, 8th and 16th packet.
        Assert.Equal(sent + 1 + 5, link.Down.Sent);
        link.Down.Filter = static _ => true;
        for (var i = 0; i < 16; i++)
        {
            stream.Send("x"u8);
            network.Run(Time.Microseconds(100));
        }
        Assert.True(network.Run(() => client.State == QuicState.Draining));
    }

    [Fact]
    public void ClientCloses_NothingMoreIsSentToIt()
    {
        // RFC 9000 §10.2.2: "While otherwise identical to the closing state, an endpoint in the draining state MUST NOT
        // send any packets."
        var network = Start();
        network.Node.Connector.SetUpTcp = static flow => flow.Source = 100_000_000;
        var client = network.Establish(null, out var link);
        var stream = client.Connect();
        stream.KeepsBody = false;
        Assert.True(network.Run(() => stream.BodyLength > 1_000_000));
        client.CloseWith(Http3ErrorCode.NoError);
        Assert.True(network.Run(() => network.Node.Closed.Count == 1));
        var sent = link.Down.Sent;
        network.Run(Time.Seconds(5));
        Assert.Equal(sent, link.Down.Sent);
        Assert.Equal(1, network.Node.Connector.Tcp[0].Aborts);
    }

    [Fact]
    public void ClosingPeriod_IsOver_IdsAreUnknownAgain()
    {
        var (network, client) = Start().WithClient();
        client.CloseWith(Http3ErrorCode.NoError);
        Assert.True(network.Run(() => network.Node.Closed.Count == 1));
        Assert.True(network.Node.Ids.IdCount > 0);
        network.Run(Time.Seconds(1));
        Assert.Equal(0, network.Node.Ids.IdCount);
    }

    private static void AssertReason(in CloseReason reason, string end)
    {
        switch (end)
        {
            // A client whose handshake is not complete can say only that it has an application error (RFC 9000
            // §10.2.3).
            case "client closes" or "client errs" when reason.Kind == CloseKind.Transport:
                Assert.Equal(ApplicationError, reason.Code);
                break;
            case "client closes" or "node closes":
                Assert.Equal((CloseKind.Application, Http3ErrorCode.NoError), (reason.Kind, reason.Code));
                break;
            case "client errs":
                Assert.Equal((CloseKind.Application, Http3ErrorCode.GeneralProtocolError), (reason.Kind, reason.Code));
                break;
            case "client vanishes":
                Assert.True(reason.Kind is CloseKind.Idle or CloseKind.Application or CloseKind.HandshakeTimeout);
                break;
            default:
                break;
        }
    }

    private static TestClient Reach(Network network, string state)
    {
        if (state == "handshake")
        {
            var early = network.AddClient();
            Assert.True(network.Run(() => network.Node.Connections.Open.Count == 1));
            Assert.False(network.Node.Client.IsEstablished);
            return early;
        }
        var client = network.Establish();
        switch (state)
        {
            case "connecting":
                network.Node.Connector.Hold = true;
                client.Connect().SendPattern(1000);
                client.ConnectUdp().SendDatagram("early"u8);
                Assert.True(network.Run(() => network.Node.Connector.HeldCount == 2));
                break;
            case "open" or "busy" or "half-closed":
                network.Node.Connector.SetUpTcp = flow =>
                {
                    flow.Source = state == "busy" ? 100_000_000 : 1000;
                    flow.EndsAfterSource = true;
                    flow.Reads = state != "busy";
                };
                if (state == "busy")
                    network.Node.Connector.SetUpUdp = static flow => flow.Flood(1_000_000, 1000);
                var tcp = client.Connect();
                var udp = client.ConnectUdp();
                tcp.KeepsBody = udp.KeepsDatagrams = false;
                tcp.SendPattern(1_000_000);
                Assert.True(network.Run(() => tcp.BodyLength >= 1000 && udp.Status == 200));
                if (state == "half-closed")
                {
                    udp.Finish();
                    Assert.True(network.Run(() => tcp.Ended && udp.IsClosed));
                }
                break;
            case "refused":
                var refused = network.Answered(client.Connect("no-port"), 400);
                break;
            default:
                break;
        }
        return client;
    }
}
