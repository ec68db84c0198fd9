namespace Relay.Node.Tests.Streams;

/// <summary>Records pass through TLS and the kernel without an allocation for a record, a turn or a connection.</summary>
[Collection(nameof(MeasuredAllocation))]
public sealed class AllocationTests
{
    private const int WarmUp = 500;
    private const int Measured = 300;
    private const int Length = 1000;

    [Theory]
    [InlineData("http/1.1")]
    [InlineData("h2")]
    public void Echoes_OfATunnel_AllocateNothing(string protocol)
    {
        using var world = StreamWorld.Tunnel(protocol);
        var flow = world.World.Connector.Tcp[0];
        var payload = protocol == "h2"
            ? Frames.Write(Frames.Data, 0, 1, new byte[Length]) : new byte[Length];
        Echo(WarmUp);
        Assert.Equal(0, Allocations.Of(() => Echo(Measured), () => world.Allocated));

        void Echo(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var (delivered, taken) = (flow.Delivered + Length, flow.Taken + Length);
                world.Got.Clear();
                world.Send(payload);
                flow.Produce(Length);
                world.Until(() => flow.Delivered == delivered && flow.Taken == taken && world.Got.Count >= Length);
            }
        }
    }

    [Fact]
    public void TurnsOfAHost_AllocateNothing()
    {
        using var world = new HostWorld();
        var clients = world.Establish(3);
        Echo(WarmUp);
        Assert.Equal(0, Allocations.Of(() => Echo(Measured), () => world.Allocated));

        void Echo(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var got = clients[0].Got + Length;
                var received = world.Protocols[0].Received + Length;
                for (var one = 0; one < clients.Length; one++)
                {
                    clients[one].Send(Length);
                    world.Protocols[one].Say(Length);
                }
                world.Until(() =>
                {
                    var all = true;
                    for (var one = 0; one < clients.Length; one++)
                    {
                        _ = clients[one].Read();
                        all &= clients[one].Got == got && world.Protocols[one].Received == received;
                    }
                    return all;
                });
            }
        }
    }
}
