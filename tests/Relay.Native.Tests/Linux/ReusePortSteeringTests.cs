using Relay.Native.Linux;

namespace Relay.Native.Tests.Linux;

public sealed class ReusePortSteeringTests : IDisposable
{
    private const int Loops = 4;
    private readonly List<DatagramSocket> _group = [];

    public ReusePortSteeringTests()
    {
        var options = new DatagramSocketOptions { ReusePort = true };
        _group.Add(Datagrams.Bind(options));
        while (_group.Count < Loops)
            _group.Add(Datagrams.Bind(_group[0].LocalEndPoint, options));
        Assert.True(ReusePortSteering.TryAttach(_group[^1], Loops, out var errno), Errno.Describe(errno));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Packet_FromAnyAddress_GoesToTheLoopOfItsConnectionId(bool longHeader)
    {
        var right = 0;
        for (var i = 0; i < 64; i++)
        {
            using var client = Datagrams.Bind();
            var id = (byte)((i * 37) + 5);
            byte[] packet = longHeader ? [0xc0, 0, 0, 0, 1, 8, id, 9, 9, 9] : [0x40, id, 9, 9, 9];
            if (ReceiverOf(client, packet) == id % Loops)
                right++;
        }
        Assert.Equal(64, right);
    }

    [Theory]
    [InlineData(new byte[] { 0xc0, 0, 0, 0, 1, 0, 3, 3, 3 })] // empty connection ID
    [InlineData(new byte[] { 0xc0, 0, 0 })]
    [InlineData(new byte[] { 0xc0, 0, 0, 0, 1, 8 })]
    [InlineData(new byte[] { 0x40 })]
    [InlineData(new byte[0])]
    public void Packet_WithoutConnectionId_GoesToTheFirstLoop(byte[] packet)
    {
        for (var i = 0; i < 8; i++)
        {
            using var client = Datagrams.Bind();
            Assert.Equal(0, ReceiverOf(client, packet));
        }
    }

    [Fact]
    public void TryAttach_OutsideAGroup_TellsWhy()
    {
        using var closed = Datagrams.Bind();
        closed.Dispose();
        Assert.False(ReusePortSteering.TryAttach(closed, 2, out var errno));
        Assert.Equal(Errno.EBADF, errno);
    }

    public void Dispose() => _group.ForEach(socket => socket.Dispose());

    private int ReceiverOf(DatagramSocket client, byte[] packet)
    {
        using var epoll = new Epoll();
        for (var i = 0; i < Loops; i++)
            epoll.Add(_group[i].Fd, EpollInterest.In, (ulong)i);
        var batch = new SendBatch(65536, 1);
        batch.Commit(packet, _group[0].Local);
        Assert.Equal(0, batch.Flush(client));
        var events = new EpollReady[Loops];
        Assert.Equal(1, epoll.Wait(events, Ready.BoundNanoseconds));
        var index = (int)events[0].Token;
        Assert.Equal(packet, Assert.Single(Datagrams.Receive(_group[index], 1)).Payload);
        return index;
    }
}
