using Relay.Native.Quic;
using Relay.Node.Tests.InMemory.World;

namespace Relay.Node.Tests.InMemory;

public class HandshakeTests
{
    private const uint Version2 = 0x6b3343cf;

    [Theory]
    [InlineData(1u)]
    [InlineData(Version2)]
    public void Handshake_EitherVersion_CompletesInIt(uint version)
    {
        using var network = new Network();
        var client = network.Establish(new ClientSettings { Version = version });
        Assert.Equal(version, client.Version);
        Assert.Equal(QuicState.Open, client.State);
        Assert.Equal(1, network.Node.Loop.Counters.ConnectionsAccepted);
        Assert.Equal(0, network.Node.Loop.Counters.HandshakesPending);
        network.CloseAndAssertClean();
    }
}
