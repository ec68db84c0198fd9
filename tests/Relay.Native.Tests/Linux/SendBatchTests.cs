using System.Runtime.CompilerServices;
using FsCheck;
using FsCheck.Fluent;
using Relay.Native.Linux;

namespace Relay.Native.Tests.Linux;

public class SendBatchTests
{
    [Fact]
    public void Reserve_WhenMemoryOrMessagesRunOut_IsEmpty()
    {
        var batch = new SendBatch(arenaBytes: 1000, maxMessages: 2);
        Assert.Equal(0, batch.Reserve(1001).Length);
        Assert.Equal(600, batch.Reserve(600).Length);
        batch.Commit(Datagrams.Payload(600, 1), default);
        Assert.True(batch.Reserve(401).IsEmpty);
        batch.CloseRun();
        batch.Commit(Datagrams.Payload(100, 2), default);
        Assert.True(batch.Reserve(1).IsEmpty);
        Assert.True(batch.IsFull);
        Assert.Equal(2, batch.PendingPackets);
    }

    [Fact]
    public void Reserve_AfterCommit_FollowsDirectly()
    {
        var batch = new SendBatch();
        ref var first = ref batch.Reserve(1500)[0];
        batch.Commit(1200, default, default, 0);
        ref var second = ref batch.Reserve(1500)[0];
        Assert.Equal(1200, Unsafe.ByteOffset(ref first, ref second));
    }

    [Fact]
    public void Commit_BeyondRunLimits_StartsAnotherMessage()
    {
        using var receiver = Datagrams.Bind();
        using var sender = Datagrams.Bind();
        var batch = new SendBatch();
        for (var i = 0; i < 130; i++)
            batch.Commit(Datagrams.Payload(10, i), receiver.Local);
        Assert.Equal(0, batch.Flush(sender));
        Assert.Equal(130 - 3, batch.SegmentsCoalesced); // 64 + 64 + 2
        for (var i = 0; i < 10; i++)
            batch.Commit(Datagrams.Payload(10_000, i), receiver.Local);
        Assert.Equal(0, batch.Flush(sender));
        Assert.Equal(130 - 3 + 10 - 2, batch.SegmentsCoalesced); // 6 + 4
        Assert.Equal(140, Datagrams.Receive(receiver, 140).Count);
        Assert.Equal(2, batch.SyscallCount);
    }

    [Fact]
    public void Flush_WithoutGso_SendsSingly()
    {
        using var receiver = Datagrams.Bind(new DatagramSocketOptions { Ecn = true });
        using var sender = Datagrams.Bind();
        sender.OnGsoRefused(Errno.EIO);
        var batch = new SendBatch();
        var payloads = new[] { 500, 500, 500, 20, 30, 30 }.Select(Datagrams.Payload).ToArray();
        foreach (var payload in payloads)
            batch.Commit(payload, receiver.Local, ecn: 2);
        batch.CloseRun();
        batch.Commit([9], receiver.Local);
        Assert.Equal(0, batch.Flush(sender));
        var received = Datagrams.Receive(receiver, 7);
        Assert.Equal([.. payloads, [9]], received.Select(datagram => datagram.Payload));
        Assert.Equal([2, 2, 2, 2, 2, 2, 0], received.Select(datagram => datagram.Ecn));
        Assert.Equal(0, batch.SegmentsCoalesced);
        Assert.Equal(7, batch.PacketsSent);
    }

    [Fact]
    public void Flush_OfPacketsThatGoSingly_MakesACallForEach()
    {
        using var receiver = Datagrams.Bind();
        using var sender = Datagrams.Bind();
        var batch = new SendBatch { Singly = true };
        var payloads = new[] { 500, 500, 500, 20, 30, 30 }.Select(Datagrams.Payload).ToArray();
        foreach (var payload in payloads)
            batch.Commit(payload, receiver.Local);
        Assert.Equal(0, batch.Flush(sender));
        Assert.Equal(payloads, Datagrams.Receive(receiver, 6).Select(datagram => datagram.Payload));
        Assert.Equal(0, batch.SegmentsCoalesced);
        Assert.Equal(6, batch.SyscallCount);
    }

    [Fact]
    public void Flush_WithUnreachableDestination_DropsItAndGoesOn()
    {
        using var receiver = Datagrams.Bind();
        using var sender = Datagrams.Bind();
        var elsewhere = new SocketEndpoint(IPEndPoint.Parse("255.255.255.255:9")); // needs SO_BROADCAST
        var batch = new SendBatch();
        batch.Commit([1], receiver.Local);
        batch.Commit([2], in elsewhere);
        batch.Commit([2], in elsewhere);
        batch.Commit([3], receiver.Local);
        Assert.Equal(0, batch.Flush(sender));
        Assert.False(batch.HasPending);
        Assert.Equal(2, batch.DroppedPackets);
        Assert.Equal(2, batch.PacketsSent);
        Assert.True(batch.LastError is Errno.EACCES or Errno.ENETUNREACH, Errno.Describe(batch.LastError));
        Assert.Equal([[1], [3]], Datagrams.Receive(receiver, 2).Select(datagram => datagram.Payload));
    }

    [Fact]
    public void Flush_OfAnySequence_DeliversExactlyAndInOrder()
    {
        using var first = Datagrams.Bind();
        using var second = Datagrams.Bind();
        using var sender = Datagrams.Bind();
        var batch = new SendBatch(arenaBytes: 64 * 1024, maxMessages: 40);
        var received = new DatagramBatch();
        var sizes = Gen.Frequency((6, Gen.Elements(1200, 1200, 700)), (2, Gen.Choose(0, 3)), (2, Gen.Choose(0, 3000)));
        var seldom = Gen.Frequency((6, Gen.Constant(false)), (1, Gen.Constant(true)));
        var packet =
            from size in sizes
            from toSecond in seldom
            from close in seldom
            select (size, toSecond, close);

        void Exchange(List<byte[]> toFirst, List<byte[]> toSecond)
        {
            Assert.Equal(0, batch.Flush(sender));
            var atFirst = Datagrams.Receive(first, toFirst.Count, received);
            var atSecond = Datagrams.Receive(second, toSecond.Count, received);
            Assert.Equal(toFirst, atFirst.Select(datagram => datagram.Payload));
            Assert.Equal(toSecond, atSecond.Select(datagram => datagram.Payload));
            toFirst.Clear();
            toSecond.Clear();
        }

        Prop.ForAll(packet.ListOf().Where(list => list.Count <= 150).ToArbitrary(), packets =>
        {
            var seed = 0;
            List<byte[]> toFirst = [], toSecond = [];
            foreach (var (size, isSecond, close) in packets)
            {
                // Received at each flush, since an unprivileged receive buffer holds little.
                if (batch.IsFull || batch.Reserve(size).Length < size)
                    Exchange(toFirst, toSecond);
                var payload = Datagrams.Payload(size, seed++);
                (isSecond ? toSecond : toFirst).Add(payload);
                batch.Commit(payload, (isSecond ? second : first).Local);
                if (close)
                    batch.CloseRun();
            }
            Exchange(toFirst, toSecond);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200).WithEndSize(150));
    }
}
