using Relay.Native.Linux;

namespace Relay.Native.Tests.Linux;

public class SegmentPoolTests
{
    [Fact]
    public void Send_OfInterleavedLists_KeepsEachInOrder()
    {
        using var target1 = Datagrams.Bind();
        using var target2 = Datagrams.Bind();
        using var socket1 = Datagrams.Connect(target1);
        using var socket2 = Datagrams.Connect(target2);
        var pool = new SegmentPool();
        SegmentList list1 = default, list2 = default;
        List<byte[]> to1 = [], to2 = [];
        int[] sizes = [1200, 1200, 1200, 0, 800, 800, 801, 1200, 5, 0, 0, 7, 7];
        for (var i = 0; i < 300; i++)
        {
            var payload = Datagrams.Payload(sizes[i % sizes.Length], i);
            Assert.True(pool.TryAppend(ref i % 3 == 0 ? ref list2 : ref list1, payload));
            (i % 3 == 0 ? to2 : to1).Add(payload);
        }
        Assert.Equal(300, pool.Count);
        Assert.Equal(100, list2.Count);
        Assert.Throws<InvalidOperationException>(pool.Reset);

        Assert.Equal(0, pool.Send(socket1, ref list1, out var sent1, out var dropped1));
        Assert.Equal((200, 0), (sent1, dropped1));
        Assert.True(list1.IsEmpty);
        Assert.Equal(0, pool.Send(socket2, ref list2, out var sent2, out var dropped2));
        Assert.Equal((100, 0), (sent2, dropped2));
        Assert.Equal(0, pool.Count);
        pool.Reset();
        Assert.Equal(to1, Datagrams.Receive(target1, 200).Select(datagram => datagram.Payload));
        Assert.Equal(to2, Datagrams.Receive(target2, 100).Select(datagram => datagram.Payload));
        Assert.Equal(0, pool.GsoFallbacks);
    }

    [Fact]
    public void Send_OfLongRun_TakesFewCalls()
    {
        using var target = Datagrams.Bind();
        using var socket = Datagrams.Connect(target);
        var pool = new SegmentPool();
        SegmentList list = default, between = default;
        for (var i = 0; i < 256; i++)
        {
            Assert.True(pool.TryAppend(ref list, Datagrams.Payload(900, i)));
            Assert.True(pool.TryAppend(ref between, [1])); // so that no two segments of a list are neighbours
        }
        Assert.Equal(256, pool.Discard(ref between));
        Assert.Equal(0, pool.Send(socket, ref list, out var sent, out _));
        Assert.Equal(256, sent);
        Assert.Equal(1, pool.SyscallCount); // four messages of 64
        Assert.Equal(256, Datagrams.Receive(target, 256).Count);
    }

    [Fact]
    public void TryAppend_WhenFull_IsFalseUntilSent()
    {
        using var target = Datagrams.Bind();
        using var socket = Datagrams.Connect(target);
        var pool = new SegmentPool(arenaBytes: 100, maxSegments: 3);
        SegmentList list = default;
        Assert.False(pool.TryAppend(ref list, new byte[101]));
        Assert.True(pool.TryAppend(ref list, new byte[100]));
        Assert.False(pool.TryAppend(ref list, new byte[1]));
        Assert.True(pool.TryAppend(ref list, []));
        Assert.True(pool.TryAppend(ref list, []));
        Assert.False(pool.TryAppend(ref list, []));
        Assert.Equal(0, pool.Send(socket, ref list, out var sent, out _));
        Assert.Equal(3, sent);
        Assert.Equal([100, 0, 0], Datagrams.Receive(target, 3).Select(datagram => datagram.Payload.Length));
        Assert.True(pool.TryAppend(ref list, new byte[100]));
    }

    [Fact]
    public void Send_OfSingleEmptyDatagram_SendsIt()
    {
        using var target = Datagrams.Bind();
        using var socket = Datagrams.Connect(target);
        var pool = new SegmentPool();
        SegmentList list = default;
        Assert.True(pool.TryAppend(ref list, []));
        Assert.Equal(0, pool.Send(socket, ref list, out var sent, out _));
        Assert.Equal(1, sent);
        Assert.Empty(Assert.Single(Datagrams.Receive(target, 1)).Payload);
    }

    [Fact]
    public void Send_OfEmptyList_DoesNothing()
    {
        using var target = Datagrams.Bind();
        using var socket = Datagrams.Connect(target);
        var pool = new SegmentPool();
        SegmentList list = default;
        Assert.Equal(0, pool.Send(socket, ref list, out var sent, out var dropped));
        Assert.Equal((0, 0), (sent, dropped));
        Assert.Equal(0, pool.SyscallCount);
    }

    /// <summary>A defect costs the list that it is in: the pool's memory is free, and nothing is sent twice.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Send_ThatThrows_KeepsNothing(int count)
    {
        var pool = new SegmentPool();
        SegmentList list = default;
        for (var i = 0; i < count; i++)
            Assert.True(pool.TryAppend(ref list, [1]));
        // No socket at all: anything that it may throw will do.
        Assert.ThrowsAny<Exception>(() => pool.Send(null!, ref list, out _, out _));
        Assert.Equal((true, 0), (list.IsEmpty, pool.Count));
        pool.Reset();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void Send_AfterIcmpRefusal_TellsAndSendsNoneTheLess(int count)
    {
        var target = Datagrams.Bind();
        var address = target.LocalEndPoint;
        using var socket = Datagrams.Connect(target);
        target.Dispose();
        var pool = new SegmentPool();
        SegmentList list = default;
        Ready.WaitForRefusal(socket.Fd, () =>
        {
            Assert.True(pool.TryAppend(ref list, [0]));
            Assert.Equal(0, pool.Send(socket, ref list, out _, out _));
            pool.Reset();
        });

        using var reborn = Datagrams.Bind(address);
        for (var i = 0; i < count; i++)
            Assert.True(pool.TryAppend(ref list, [(byte)i]));
        Assert.Equal(-Errno.ECONNREFUSED, pool.Send(socket, ref list, out var sent, out var dropped));
        Assert.Equal((count, 0), (sent, dropped));
        Assert.Equal(count, Datagrams.Receive(reborn, count).Count);
    }

    [Fact]
    public void Send_WithoutGso_SendsEveryDatagram()
    {
        using var target = Datagrams.Bind();
        using var socket = Datagrams.Connect(target);
        socket.OnGsoRefused(Errno.EIO);
        var pool = new SegmentPool();
        SegmentList list = default;
        for (var i = 0; i < 150; i++)
            Assert.True(pool.TryAppend(ref list, Datagrams.Payload(300, i)));
        Assert.Equal(0, pool.Send(socket, ref list, out var sent, out _));
        Assert.Equal(150, sent);
        Assert.Equal(
            Enumerable.Range(0, 150).Select(i => Datagrams.Payload(300, i)),
            Datagrams.Receive(target, 150).Select(datagram => datagram.Payload));
    }
}
