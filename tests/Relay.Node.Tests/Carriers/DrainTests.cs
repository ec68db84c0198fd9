namespace Relay.Node.Tests.Carriers;

/// <summary>How connections end that the node wants to be over, whatever carries them.</summary>
public class DrainTests
{
    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void Drain_OpenTunnel_EndsInOrder_AndThenItsConnection(string http)
    {
        using var client = CarriedClient.Create(http);
        var tunnel = client.Open(client.Connect());
        client.Drain();
        client.Run(Time.Seconds(30));
        Assert.False(client.IsOver);
        tunnel.Send("on"u8);
        Assert.True(client.Run(() => tunnel.BodyLength == 2));
        tunnel.Finish();
        Assert.True(client.Run(() => client.IsOver));
        Assert.True(tunnel.Ended);
        Assert.Equal(["completed"], client.Outcomes);
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void Drain_ConnectionWithoutRequests_Ends(string http)
    {
        using var client = CarriedClient.Create(http);
        client.Drain();
        Assert.True(client.Run(() => client.IsOver));
        Assert.True(client.Loop.Now < Time.Seconds(1010));
    }

    // It has crossed the GOAWAY; HTTP/1.1 has none, and a connection that is idle.
    [Theory]
    [InlineData("1.1")]
    [InlineData("3")]
    public void Drain_RequestThatComesDuringIt_Is503WithRetryAfter_AndWhatIsOpenGoesOn(string http)
    {
        using var client = CarriedClient.Create(http);
        var open = http == "1.1" ? null : client.Open(client.Connect());
        client.Drain();
        var late = client.Answered(client.Connect("late.test:80"));
        Assert.Equal(
            (503, "1", "relay-node; error=connection_limit_reached; details=\"draining\""),
            (late.Status, late.Field("retry-after"), late.Field("proxy-status")));
        Assert.Equal((1L, open is null ? 0 : 1), (client.Counters.RefusedDraining, client.Connector.Targets.Count));

        open?.Send("on"u8);
        Assert.True(client.Run(() => open is null or { BodyLength: 2 }));
        open?.Finish();
        Assert.True(client.Run(() => client.IsOver));
        Assert.Equal(open is null ? 0 : 1, client.Outcomes.Count(static outcome => outcome == "completed"));
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void Deadline_EndsWhatIsLeft_ByForce(string http)
    {
        using var client = CarriedClient.Create(http);
        var tunnel = client.Open(client.Connect());
        Assert.Equal(1, client.Connection.ForceCloseTunnels());
        Assert.True(client.Run(() => tunnel.WasReset));
        Assert.Equal(["force_closed"], client.Outcomes);
        Assert.Equal(1, client.Connector.Tcp[0].Aborts);
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void Deadline_EndsAUdpTunnel_ByForce(string http)
    {
        using var client = CarriedClient.Create(http);
        var tunnel = client.Open(client.ConnectUdp());
        Assert.Equal(1, client.Connection.ForceCloseTunnels());
        Assert.True(client.Run(() => tunnel.WasReset || tunnel.Ended));
        Assert.Equal(["force_closed"], client.Outcomes);
        Assert.Equal(1, client.Connector.Udp[0].Closes);
    }
}
