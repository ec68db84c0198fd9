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
}
