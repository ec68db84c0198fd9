using Relay.Node.Sessions;

namespace Relay.Node.Tests.Carriers;

/// <summary>What goes beyond an identity's bytes a second is slowed down, whatever carries it. Here everybody is anonymous.</summary>
public class PaceTests
{
    private const long Rate = 1_000_000;

    /// <summary>What passes at once: the budget's burst, a slice for the session, and what one read brings.</summary>
    private const long AtOnce = 400_000;

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void Download_IsHeldToTheRate(string http)
    {
        using var client = Limited(http);
        client.Connector.SetUpTcp = static flow => (flow.Source, flow.EndsAfterSource) = (5 * Rate, true);
        var tunnel = client.Open(client.Connect());
        client.Run(Time.Seconds(3));
        Assert.InRange(tunnel.BodyLength, 2.5 * Rate, (3 * Rate) + AtOnce);
        Assert.True(client.Run(() => tunnel.Ended));
        Assert.Equal(Pattern.Bytes((int)(5 * Rate)), tunnel.Body);
    }

    [Theory]
    [ClassData(typeof(HttpVersions))]
    public void Upload_IsHeldToTheRate_AndWaitsWithTheClient(string http)
    {
        using var client = Limited(http);
        client.Connector.SetUpTcp = static _ => { };
        var tunnel = client.Open(client.Connect());
        var began = client.Loop.Now;
        tunnel.Send(Pattern.Bytes((int)(5 * Rate)));
        tunnel.Finish();
        var flow = Assert.Single(client.Connector.Tcp);
        Assert.True(client.Run(() => flow.EndDelivered));
        Assert.InRange(client.Loop.Now - began, Time.Seconds(4.5), Time.Seconds(6));
        Assert.Equal((5 * Rate, true), (flow.Delivered, flow.DeliveredPattern));
    }

    [Theory]
    [ClassData(typeof(HttpVersionPairs))]
    public void Clients_OfOneIdentity_KeepToTheRateTogether(string http, string other)
    {
        using var first = Limited(http);
        using var second = first.Beside(other);
        first.Connector.SetUpTcp = static flow => flow.Source = long.MaxValue;
        CarriedTunnel[] tunnels = [first.Open(first.Connect()), second.Open(second.Connect())];
        first.Run(Time.Seconds(5));
        Assert.InRange(tunnels.Sum(static tunnel => tunnel.BodyLength), 4.5 * Rate, (5 * Rate) + (2 * AtOnce));
        Assert.All(tunnels, static tunnel => Assert.InRange(tunnel.BodyLength, Rate, 4 * Rate));
    }

    private static CarriedClient Limited(string http)
    {
        var client = CarriedClient.Create(http);
        client.Connection.Context.Sessions.Identities.Use(
            new Dictionary<string, IdentityLimits> { ["anonymous"] = new() { BytesPerSecond = Rate } }, IdentityLimits.None);
        return client;
    }
}
