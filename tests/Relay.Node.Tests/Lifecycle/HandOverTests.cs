using Relay.Native.Linux;
using Relay.Node.Counters;
using Relay.Node.Http;
using Relay.Node.Io;
using Relay.Node.Server;
using Relay.Node.Streams;
using Relay.Node.Tests.Diagnostics.Metrics;

namespace Relay.Node.Tests.Lifecycle;

/// <summary>Packets of connections that another loop has, or nobody.</summary>
[Collection(nameof(MeasuredAllocation))]
public class HandOverTests
{
    [Fact]
    public void Packets_OfNobodysConnection_AllocateNothing()
    {
        var loop = new EventLoop(0, RelayHistograms.Off);
        var state = new ServerState(1, new ServerIdentity(TestIdentity.Server), new ConnectionLimits(1, 1))
        {
            Limits = new TunnelLimits(1, 1, new SessionRegistry(), egress: null),
        };
        var address = new SocketEndpoint(new IPEndPoint(IPAddress.Loopback, 1));
        var packet = new byte[1200];
        var handedOver = 0;
        Ask();
        Assert.Equal(0, Allocations.Of(Ask));
        Assert.Equal(0, handedOver);
        loop.Dispose();

        void Ask()
        {
            for (var i = 0; i < 1000; i++)
                handedOver += state.TryHandOver(null!, loop, packet.AsSpan(0, 20), address, address, 0, packet) ? 1 : 0;
        }
    }
}
