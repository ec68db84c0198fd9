using System.Text;
using Relay.Node.Http1;
using Relay.Node.Options;
using Relay.Node.Tests.Http;
using Relay.Node.Tests.Streams;

namespace Relay.Node.Tests.Http1;

/// <summary>Requests of many connections at once stand in the same line as those of HTTP/2 and HTTP/3.</summary>
public class TurnTests
{
    private static readonly byte[] Request = Encoding.ASCII.GetBytes("CONNECT target.test:80 HTTP/1.1\r\nHost: target.test\r\n\r\nearly");

    [Fact]
    public void Requests_OfManyConnectionsAtOnce_AreBegunAFewATurn_AndAllOfThem()
    {
        const int many = 80;
        var world = new CarrierWorld();
        world.Connector.SetUpTcp = static _ => { };
        var carriers = Begin(world, many);
        Assert.Equal(NodeDefaults.MaxRequestsPerTurn, world.Connector.Targets.Count);
        Assert.False(carriers[^1].HttpProtocol.TakesBytes);
        // However long that takes: what is late is not the client.
        Assert.Equal(ulong.MaxValue, carriers[^1].ResetLateRequests(world.Loop.Now, out var reset));
        Assert.Equal(0, reset);
        world.Simulation.Run(Time.Milliseconds(1));
        Assert.Equal(many, world.Connector.Tcp.Count(static flow => flow.Delivered == "early".Length));
        Assert.Equal(many - NodeDefaults.MaxRequestsPerTurn, world.Loop.Counters.RequestsDelayed);
        Assert.All(carriers, static carrier => Assert.False(carrier.IsClosed));
        Lose(carriers);
    }

    [Fact]
    public void Requests_ThatWaitForTheirTurn_AreLostWithTheirConnection()
    {
        var world = new CarrierWorld();
        var carriers = Begin(world, 80);
        Lose(carriers);
        Assert.Equal(NodeDefaults.MaxRequestsPerTurn, world.Connector.Targets.Count);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(70)]
    public void Defect_AtARequest_CostsItsConnectionAlone_BeItsTurnAtOnceOrLater(int which)
    {
        const int many = 80;
        var world = new CarrierWorld();
        world.Connector.SetUpTcp = flow =>
        {
            flow.Echo = true;
            if (world.Connector.Targets.Count == which + 1)
                throw new InvalidOperationException();
        };
        var carriers = Begin(world, many);
        world.Simulation.Run(Time.Milliseconds(10));
        Assert.All(carriers.Index(), carrier => Assert.Equal(carrier.Index == which, carrier.Item.IsClosed));
        Assert.Equal(many - 1, world.Connector.Tcp.Count(static flow => flow.Delivered == "early".Length));
        Assert.IsType<InvalidOperationException>(Assert.Single(world.Defects));
        world.Defects.Clear();
        Lose(carriers);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Defect_AtATarget_CostsItsConnectionAlone(bool reading)
    {
        var world = new CarrierWorld();
        var carriers = Begin(world, 2);
        world.Simulation.Run(Time.Milliseconds(10));
        world.Connector.Tcp[0].Fault = new InvalidOperationException();
        if (reading)
            world.Connector.Tcp[0].Produce(1);
        else
            carriers[0].Receive("more"u8);
        carriers[1].Receive("more"u8);
        world.Simulation.Run(Time.Milliseconds(10));
        Assert.Equal((true, false), (carriers[0].IsClosed, carriers[1].IsClosed));
        Assert.Equal((1, 0), (world.Connector.Tcp[0].Aborts, world.Connector.Tcp[1].Aborts));
        Assert.Equal("earlymore".Length, world.Connector.Tcp[1].Delivered);
        Assert.NotEmpty(world.Defects);
        world.Defects.Clear();
        Lose(carriers);
    }

    private static List<ProtocolCarrier> Begin(CarrierWorld world, int count)
    {
        List<ProtocolCarrier> carriers =
            [.. Enumerable.Range(0, count).Select(_ => new ProtocolCarrier(static (client, stream) => new Http1Protocol(client, stream), world))];
        carriers.ForEach(static carrier => carrier.Receive(Request));
        return carriers;
    }

    private static void Lose(List<ProtocolCarrier> carriers)
    {
        carriers.ForEach(static carrier => carrier.Lose(inOrder: false));
        carriers[0].AssertClean();
        carriers.ForEach(static carrier => carrier.Dispose());
    }
}
