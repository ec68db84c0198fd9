using Relay.Protocol;

namespace Relay.Node.Tests.Carriers;

/// <summary>How long connections, requests and tunnels may be silent, whatever carries them; on a clock that only the test moves.</summary>
public class LifetimeTests
{
    private const int Uploaded = 40_000;

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void Udp_ByCapsules_IsEchoed_AndEndsWithItsSilence(string http)
    {
        using var client = CarriedClient.Create(http);
        var tunnel = client.Open(client.ConnectUdp());
        tunnel.Send(Capsules.Write(CapsuleType.Datagram, 0, "echo"u8));
        var flow = Assert.Single(client.Connector.Udp);
        Assert.True(client.Run(() => flow.SentCount == 1));
        Assert.Equal("echo"u8, flow.Sent[0]);
        client.Run(Time.Seconds(119));
        Assert.Empty(client.Outcomes);
        client.Run(Time.Seconds(2));
        Assert.True(tunnel.Ended);
        Assert.Equal(["idle_timeout"], client.Outcomes);
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void Silence_OfATunnel_EndsItsConnection_AndItsTarget(string http)
    {
        using var client = CarriedClient.Create(http);
        _ = client.Open(client.Connect());
        client.Run(Time.Seconds(595));
        Assert.False(client.IsOver);
        Assert.True(client.Run(() => client.IsOver && client.Outcomes.Count == 1));
        Assert.Equal(["idle_timeout"], client.Outcomes);
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void Target_ThatGoesOnAfterTheClientsEnd_HasItsTime(string http)
    {
        using var client = CarriedClient.Create(http);
        client.Connector.SetUpTcp = static _ => { };
        var tunnel = client.Open(client.Connect());
        tunnel.Finish();
        Assert.True(client.Run(() => client.Connector.Tcp[0].EndDelivered));
        client.Run(Time.Seconds(29));
        Assert.Empty(client.Outcomes);
        client.Run(Time.Seconds(2));
        Assert.True(tunnel.WasReset);
        Assert.Equal(["idle_timeout"], client.Outcomes);
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void Upload_OfWhoHasClosed_IsStillDelivered(string http)
    {
        using var client = CarriedClient.Create(http, new NodeSettings { Drain = Time.Seconds(7) });
        var flow = UploadAndClose(client);
        client.Run(Time.Seconds(6.5));
        Assert.Empty(client.Outcomes);
        flow.BeginReading();
        Assert.True(client.Run(() => flow.EndDelivered));
        Assert.Equal((Uploaded, true), (flow.Delivered, flow.DeliveredPattern));
        flow.End();
        Assert.True(client.Run(() => client.Outcomes.Count == 1));
        Assert.Equal((1, 0), (flow.Closes, flow.Aborts));
        Assert.Equal(["completed"], client.Outcomes);
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void Upload_OfWhoHasClosed_ToATargetThatDoesNotRead_IsGivenUpInTime(string http)
    {
        using var client = CarriedClient.Create(http, new NodeSettings { Drain = Time.Seconds(7) });
        var flow = UploadAndClose(client);
        client.Run(Time.Seconds(6.5));
        Assert.Empty(client.Outcomes);
        client.Run(Time.Seconds(1));
        Assert.Equal(["force_closed"], client.Outcomes);
        Assert.Equal((1, false), (flow.Aborts, flow.EndDelivered));
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void Silence_OfATunnelBothWays_EndsItWhereThatHasALimit(string http)
    {
        using var client = CarriedClient.Create(http, new NodeSettings { TcpIdle = Time.Seconds(300) });
        client.Connector.SetUpTcp = static _ => { };
        var tunnel = client.Open(client.Connect());
        client.Run(Time.Seconds(290));
        tunnel.Send("up"u8);
        client.Run(Time.Seconds(290));
        client.Connector.Tcp[0].Produce(1);
        client.Run(Time.Seconds(299));
        Assert.Equal((1L, false), (tunnel.BodyLength, tunnel.WasReset));
        Assert.Empty(client.Outcomes);
        client.Run(Time.Seconds(2));
        Assert.True(tunnel.WasReset);
        Assert.Equal(["idle_timeout"], client.Outcomes);
        Assert.Equal(1, client.Connector.Tcp[0].Aborts);
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void Request_ThatDoesNotComeWhole_IsNotWaitedForAnyLonger(string http)
    {
        using var client = CarriedClient.Create(http);
        client.AskInPart();
        client.Run(Time.Seconds(9.9));
        Assert.Equal(0, client.Counters.RefusedIncomplete);
        client.Run(Time.Seconds(0.2));
        Assert.Equal((1L, 0L), (client.Counters.RefusedIncomplete, client.Limits.Tunnels));
        Assert.Equal(0, client.Connection.Carrier.StreamCount);
        Assert.Empty(client.Connector.Targets);
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void Client_ThatVanishes_LeavesNothingToItsTarget(string http)
    {
        using var client = CarriedClient.Create(http);
        _ = client.Open(client.Connect());
        client.Vanish();
        Assert.True(client.Run(() => client.Outcomes.Count == 1));
        // Over QUIC the relay finds it by its silence.
        Assert.Equal([http == "3" ? "idle_timeout" : "client_aborted"], client.Outcomes);
        Assert.Equal((1, false), (client.Connector.Tcp[0].Aborts, client.Connector.Tcp[0].EndDelivered));
    }

    /// <summary>Sends all that a client has to send, of which the target takes a part, and closes its connection.</summary>
    private static FakeTcpFlow UploadAndClose(CarriedClient client)
    {
        client.Connector.SetUpTcp = static flow => (flow.Reads, flow.KernelBuffer) = (false, 10_000);
        var tunnel = client.Open(client.Connect());
        tunnel.Send(Pattern.Bytes(Uploaded));
        tunnel.Finish();
        client.Run(Time.Seconds(1));
        client.CloseInOrder();
        return Assert.Single(client.Connector.Tcp);
    }
}
