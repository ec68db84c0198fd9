using Relay.Protocol;

namespace Relay.Node.Tests.Carriers;

/// <summary>What a tunnel carries and how it ends, whatever carries it.</summary>
public class TunnelTests
{
    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void Tunnel_ClientsEnd_ReachesTheTarget_AndTheTargetsTheClient(string http)
    {
        using var client = CarriedClient.Create(http);
        client.Connector.SetUpTcp = static flow => flow.Source = 100_000;
        var tunnel = client.Open(client.Connect());
        tunnel.Send(Pattern.Bytes(70_000));
        tunnel.Finish();
        var flow = Assert.Single(client.Connector.Tcp);
        Assert.True(client.Run(() => flow.EndDelivered && tunnel.BodyLength == 100_000));
        Assert.Equal((70_000L, true), (flow.Delivered, flow.DeliveredPattern));
        Assert.False(tunnel.Ended);
        flow.End();
        Assert.True(client.Run(() => tunnel.Ended && client.Outcomes.Count == 1));
        Assert.True(Pattern.Matches(tunnel.Body, 0));
        Assert.Equal("completed", client.Outcomes[0]);
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void Tunnel_TargetsReset_IsNoEndInOrder(string http)
    {
        using var client = CarriedClient.Create(http);
        var tunnel = client.Open(client.Connect());
        client.Connector.Tcp[0].Reset();
        Assert.True(client.Run(() => tunnel.WasReset));
        Assert.False(tunnel.Ended);
        Assert.Equal(["target_aborted"], client.Outcomes);
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void Tunnel_ClientsReset_ResetsTheTarget(string http)
    {
        using var client = CarriedClient.Create(http);
        var tunnel = client.Open(client.Connect());
        tunnel.Send("half a"u8);
        Assert.True(client.Run(() => client.Connector.Tcp[0].Delivered == 6));
        tunnel.Reset();
        Assert.True(client.Run(() => client.Connector.Tcp[0].IsClosed));
        Assert.Equal((1, false), (client.Connector.Tcp[0].Aborts, client.Connector.Tcp[0].EndDelivered));
        Assert.Equal(["client_aborted"], client.Outcomes);
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void Udp_CapsuleBeforeTheAnswer_IsKeptForTheTarget(string http)
    {
        using var client = CarriedClient.Create(http);
        client.Connector.Hold = true;
        var tunnel = client.ConnectUdp();
        tunnel.Send(Capsules.Write(CapsuleType.Datagram, 0, "early"u8));
        Assert.True(client.Run(() => client.Connector.HeldCount == 1));
        client.Run(Time.Milliseconds(500));
        Assert.Equal(0, tunnel.Status);
        client.Connector.Release();
        Assert.True(client.Run(() => tunnel.Status == 200 && client.Connector.Udp[0].SentCount == 1));
        Assert.Equal("early"u8, client.Connector.Udp[0].Sent[0]);
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void Udp_TruncatedCapsule_IsAViolation(string http)
    {
        using var client = CarriedClient.Create(http);
        var tunnel = client.Open(client.ConnectUdp());
        tunnel.Send(Capsules.Header(CapsuleType.Datagram, 10));
        tunnel.Finish();
        Assert.True(client.Run(() => tunnel.WasReset));
        Assert.Equal(["protocol_violation"], client.Outcomes);
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void Counters_TellTheVersion(string http)
    {
        using var client = CarriedClient.Create(http);
        _ = client.Open(client.Connect());
        Assert.Equal(
            Enum.GetValues<HttpProtocol>().Select(one => HttpProtocolNames.Of(one) == http ? 1L : 0L), client.Counters.Carried);
    }
}
