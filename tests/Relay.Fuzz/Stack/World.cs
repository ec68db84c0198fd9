using Relay.Fuzz.Engine;
using Relay.Node.Tests.InMemory.World;

namespace Relay.Fuzz.Stack;

/// <summary>What is true of a node in memory whatever its clients did.</summary>
internal static class World
{
    /// <summary>A node whose targets answer in different ways, and refuse and wait at times.</summary>
    public static Network Create(ref Choices choices)
    {
        var network = new Network(new NodeSettings { MaxTunnelsPerConnection = 20, MaxBidirectionalStreams = 30 });
        SetUp(network.Node.Connector, choices.Byte());
        return network;
    }

    /// <summary>How targets answer.</summary>
    public static void SetUp(FakeConnector connector, byte how)
    {
        connector.SetUpTcp = flow =>
        {
            (flow.Echo, flow.Source) = ((how & 1) != 0, (how & 2) != 0 ? 100_000 : 0);
            (flow.Reads, flow.KernelBuffer) = ((how & 4) == 0, (how & 8) != 0 ? 1000 : 128 * 1024);
        };
        connector.SetUpUdp = flow => flow.Echo = (how & 1) != 0;
        connector.Delay = (how & 16) != 0 ? Time.Milliseconds(20) : 0;
        connector.Hold = (how & 32) != 0;
    }

    /// <summary>Nothing was thrown, another client is served, and nothing is left once all are gone.</summary>
    /// <returns>Packets that it was given.</returns>
    public static long AssertSound(Network network)
    {
        Check.That(network.Node.Defects.Count == 0, $"an exception in a callback: {network.Node.Defects.FirstOrDefault()}");
        network.Node.Connector.Hold = false;
        network.Node.Connector.Release();
        SetUp(network.Node.Connector, how: 1);
        var client = network.Establish();
        var stream = client.Connect();
        stream.Send("still here"u8);
        Check.That(network.Run(() => stream.BodyLength == 10), "another client is served");
        network.CloseAndAssertClean();
        return network.Node.Loop.Counters.PacketsReceived;
    }
}
