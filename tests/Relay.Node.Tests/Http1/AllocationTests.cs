using Relay.Node.Streams;
using Relay.Protocol;

namespace Relay.Node.Tests.Http1;

/// <summary>Forwarding allocates nothing: neither for a piece, nor for a capsule.</summary>
[Collection(nameof(MeasuredAllocation))]
public sealed class AllocationTests : Http1Tests
{
    private const int WarmUp = 500;
    private const int Round = 200;
    private const int Measured = Round * Allocations.Rounds;

    [Fact]
    public void Pieces_OfBytes_AllocateNothing()
    {
        World.Connector.SetUpTcp = static _ => { };
        Open(udp: false);
        World.Connector.Tcp[0].Produce((WarmUp + Measured) * StreamProtocol.MaxPiece);
        var (up, down, sent, got) = (new byte[StreamProtocol.MaxPiece], new byte[StreamProtocol.MaxPiece], 0L, 0L);
        Measure(() =>
        {
            Pattern.Fill(up, sent);
            sent += up.Length;
            Protocol.Receive(up);
            got += Protocol.Write(down);
            World.Loop.RunFlushes();
        });
        Assert.Equal(sent, got);
        Assert.True(World.Connector.Tcp[0].DeliveredPattern);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(60_000)]
    public void Capsules_AllocateNothing(int length)
    {
        World.Connector.SetUpUdp = static flow => flow.KeepsSent = false;
        Open(udp: true);
        var down = new byte[StreamProtocol.MaxPiece];
        var capsule = Capsules.Write(CapsuleType.Datagram, 0, Pattern.Bytes(length));
        World.Connector.Udp[0].Flood(WarmUp + Measured, length);
        var got = 0L;
        Measure(() =>
        {
            for (var at = 0; at < capsule.Length; at += StreamProtocol.MaxPiece)
                Protocol.Receive(capsule.AsSpan(at, Math.Min(StreamProtocol.MaxPiece, capsule.Length - at)));
            for (int written; (written = Protocol.Write(down)) > 0;)
                got += written;
        });
        Assert.Equal(WarmUp + Measured, World.Connector.Udp[0].Taken);
        Assert.Equal((long)(WarmUp + Measured) * capsule.Length, got);
        Assert.InRange(World.Connector.Udp[0].SentCount, 1, WarmUp + Measured);
    }

    private static void Measure(Action step)
    {
        for (var i = 0; i < WarmUp; i++)
            step();
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < Round; i++)
                step();
        }));
    }
}
