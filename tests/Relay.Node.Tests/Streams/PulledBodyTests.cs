using Relay.Node.Http;
using Relay.Node.Streams;
using Relay.Node.Tests.Http;
using Relay.Protocol;

namespace Relay.Node.Tests.Streams;

/// <summary>A body in pieces, whatever the size of its capsules.</summary>
[Collection(nameof(MeasuredAllocation))]
public sealed class PulledBodyTests : IDisposable
{
    private readonly FakeCarrier _carrier = new();
    private readonly PulledBody _body = new();

    public PulledBodyTests() => _carrier.Connector.SetUpUdp = static _ => { };

    public void Dispose() => _carrier.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(16 * 1024)]
    [InlineData(64 * 1024)]
    public void Capsules_OfEverySize_ComeWhole(int piece)
    {
        var request = OpenUdp();
        var expected = new List<byte>();
        foreach (var length in (int[])[0, 1, 61, 62, 999, 1000, 16_000, 16_384, 0, 30_000, HttpDatagram.MaxUdpPayload, 5])
        {
            var payload = Pattern.Bytes(length, expected.Count);
            _carrier.Connector.Udp[0].Deliver(payload);
            expected.AddRange(Capsules.Write(CapsuleType.Datagram, 0, payload));
        }
        Assert.Equal(expected, PullAll(request, piece));
        Assert.False(_body.HasRest);
        Assert.Equal(12, request.Tunnel!.DownstreamDatagrams);
    }

    [Fact]
    public void Rest_IsHandedOutAfterTheEndOfItsTunnel()
    {
        var request = OpenUdp();
        _carrier.Connector.Udp[0].Deliver(Pattern.Bytes(2000));
        var piece = new byte[1500];
        Assert.Equal((1500, true), (_body.Pull(request, piece), _body.HasRest));
        request.OnEndOfStream();
        Assert.Equal((504, false), (_body.Pull(request, piece), _body.HasRest));
        Assert.Equal(ClientRequest.EndOfBody, _body.Pull(request, piece));
    }

    [Fact]
    public void Rest_TakesABlockOfItsSize()
    {
        var request = OpenUdp();
        _carrier.Connector.Udp[0].Flood(1000, 1200);
        Assert.Equal(1, _body.Pull(request, new byte[1]));
        Assert.Equal(4096 / 1204, _carrier.Connector.Udp[0].Taken);
    }

    [Fact]
    public void Release_ForgetsTheRest()
    {
        var request = OpenUdp();
        _carrier.Connector.Udp[0].Deliver(Pattern.Bytes(2000));
        Assert.Equal(100, _body.Pull(request, new byte[100]));
        _body.Release();
        Assert.Equal((0, false), (_body.Pull(request, new byte[100]), _body.HasRest));
    }

    [Fact]
    public void Pull_ThatThrows_LeavesNothingToHandOut()
    {
        var request = OpenUdp();
        var flow = _carrier.Connector.Udp[0];
        flow.Deliver(Pattern.Bytes(2000));
        flow.AdvanceFault = new InvalidOperationException();
        Assert.Throws<InvalidOperationException>(() => _body.Pull(request, new byte[100]));
        Assert.False(_body.HasRest);
    }

    [Fact]
    public void Bytes_OfATcpTunnel_GoStraightIntoThePiece()
    {
        _carrier.Connector.SetUpTcp = static flow => (flow.Source, flow.EndsAfterSource) = (1500, true);
        var request = _carrier.Ask((":method", "CONNECT"), (":authority", "target.test:80")).Request;
        var piece = new byte[1000];
        Assert.Equal((1000, false), (_body.Pull(request, piece), _body.HasRest));
        Assert.Equal((500, false), (_body.Pull(request, piece), _body.HasRest));
        Assert.Equal(ClientRequest.EndOfBody, _body.Pull(request, piece));
    }

    [Fact]
    public void Large_Capsules_AllocateNothing()
    {
        var request = OpenUdp();
        var (payload, piece) = (new byte[20_000], new byte[StreamProtocol.MaxPiece]);
        Move(100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Move(1000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000 * 500);

        void Move(int count)
        {
            for (var i = 0; i < count; i++)
            {
                _carrier.Connector.Udp[0].Deliver(payload);
                while (_body.Pull(request, piece) > 0)
                {
                }
            }
        }
    }

    private ClientRequest OpenUdp() => _carrier.Ask(
        (":method", "CONNECT"), (":protocol", "connect-udp"), (":scheme", "https"), (":authority", "relay.test"),
        (":path", "/.well-known/masque/udp/target.test/53/")).Request;

    private List<byte> PullAll(ClientRequest request, int piece)
    {
        var (all, buffer) = (new List<byte>(), new byte[piece]);
        while (_body.Pull(request, buffer) is var length and > 0)
            all.AddRange(buffer[..length]);
        return all;
    }
}
