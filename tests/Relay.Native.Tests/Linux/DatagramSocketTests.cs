using Relay.Native.Linux;

namespace Relay.Native.Tests.Linux;

public class DatagramSocketTests
{
    public static TheoryData<string> Addresses => ["127.0.0.1", "::1"];

    [Theory]
    [MemberData(nameof(Addresses))]
    public void Flush_WithMixedSizes_ArrivesAsCommitted(string address)
    {
        using var receiver = Datagrams.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        using var sender = Datagrams.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        var batch = new SendBatch();
        int[] sizes = [1200, 1200, 1200, 700, 1200, 0, 0, 1, 1, 1, 60000, 1350, 1350];
        var payloads = sizes.Select(Datagrams.Payload).ToArray();
        foreach (var payload in payloads)
            batch.Commit(payload, receiver.Local);

        Assert.Equal(0, batch.Flush(sender));
        var received = Datagrams.Receive(receiver, sizes.Length);
        Assert.Equal(payloads, received.Select(datagram => datagram.Payload));
        Assert.All(received, datagram => Assert.Equal(sender.Local, datagram.Remote));
        Assert.All(received, datagram => Assert.Equal(receiver.Local, datagram.Local));
        Assert.Equal(1, batch.SyscallCount);
        Assert.Equal(sizes.Length, batch.PacketsSent);
        Assert.Equal(sizes.Sum(), batch.BytesSent);
        // 1200 ×3 + 700 | 1200 | 0 | 0 | 1 ×3 | 60000 + 1350 | 1350
        Assert.Equal(3 + 2 + 1, batch.SegmentsCoalesced);
    }

    [Fact]
    public void Receive_OfMergedRun_TakesOneMessage()
    {
        using var receiver = Datagrams.Bind();
        using var sender = Datagrams.Bind();
        var batch = new SendBatch();
        for (var i = 0; i < 40; i++)
            batch.Commit(Datagrams.Payload(i == 39 ? 10 : 1000, i), receiver.Local);
        Assert.Equal(0, batch.Flush(sender));
        Ready.Wait(receiver.Fd, EpollInterest.In);

        var received = new DatagramBatch();
        Assert.Equal(40, receiver.Receive(received, 1));
        Assert.False(received.Drained); // as many messages as asked
        Assert.Equal(10, received[39].Length);
        Assert.Equal(0, receiver.Receive(received));
        Assert.True(received.Drained);
    }

    [Fact]
    public void Receive_WithoutGro_TakesOneMessageADatagram()
    {
        using var receiver = Datagrams.Bind(new DatagramSocketOptions { Gro = false });
        using var sender = Datagrams.Bind();
        var batch = new SendBatch();
        for (var i = 0; i < 40; i++)
            batch.Commit(Datagrams.Payload(100, i), receiver.Local);
        Assert.Equal(0, batch.Flush(sender));
        Ready.Wait(receiver.Fd, EpollInterest.In);

        var received = new DatagramBatch(messages: 32);
        Assert.Equal(32, receiver.Receive(received));
        Assert.False(received.Drained);
        Assert.Equal(8, receiver.Receive(received));
        Assert.True(received.Drained);
    }

    [Fact]
    public void Receive_OfMoreThanFits_CountsWhatWasCut()
    {
        using var receiver = Datagrams.Bind();
        using var sender = Datagrams.Bind();
        var batch = new SendBatch();
        batch.Commit(Datagrams.Payload(600, 1), receiver.Local);
        batch.CloseRun();
        batch.Commit(Datagrams.Payload(500, 2), receiver.Local);
        batch.CloseRun();
        batch.Commit(Datagrams.Payload(200, 3), receiver.Local);
        batch.Commit(Datagrams.Payload(200, 4), receiver.Local);
        batch.Commit(Datagrams.Payload(200, 5), receiver.Local);
        Assert.Equal(0, batch.Flush(sender));
        Ready.Wait(receiver.Fd, EpollInterest.In);

        var received = new DatagramBatch(messages: 8, messageSize: 500);
        Assert.Equal(3, receiver.Receive(received));
        Assert.Equal(2, received.TruncatedCount);
        Assert.Equal((3, 900), (received.MessageCount, received.Bytes));
        Assert.Equal(Datagrams.Payload(500, 2), received[0]);
        Assert.Equal(Datagrams.Payload(200, 4), received[2]);
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public void Ecn_OfEachRun_Arrives(string address)
    {
        var endpoint = new IPEndPoint(IPAddress.Parse(address), 0);
        using var receiver = Datagrams.Bind(endpoint, new DatagramSocketOptions { Ecn = true });
        using var sender = Datagrams.Bind(endpoint);
        var batch = new SendBatch();
        byte[] ecn = [0, 1, 1, 2, 3, 3, 0];
        foreach (var bits in ecn)
            batch.Commit([bits, 1, 2], receiver.Local, ecn: bits);
        Assert.Equal(0, batch.Flush(sender));
        var received = Datagrams.Receive(receiver, ecn.Length);
        Assert.Equal(ecn, received.Select(datagram => datagram.Ecn));
        Assert.Equal(ecn, received.Select(datagram => datagram.Payload[0]));
    }

    [Fact]
    public void Local_OnWildcardSocket_IsWhatWasSentToAndRepliesComeFromIt()
    {
        using var server = Datagrams.Bind(new IPEndPoint(IPAddress.Any, 0));
        using var client = Datagrams.Bind();
        var port = server.LocalEndPoint.Port;
        var second = new SocketEndpoint(new IPEndPoint(IPAddress.Parse("127.0.0.2"), port));
        var batch = new SendBatch();
        batch.Commit([1], in second);
        Assert.Equal(0, batch.Flush(client));
        var request = Assert.Single(Datagrams.Receive(server, 1));
        Assert.Equal(second, request.Local);

        batch.Commit([2], request.Remote, request.Local);
        batch.Commit([3], request.Remote, request.Local);
        Assert.Equal(0, batch.Flush(server));
        Assert.All(Datagrams.Receive(client, 2), reply => Assert.Equal(second, reply.Remote));
    }

    [Fact]
    public void Local_OnIPv6WildcardSocket_IsWhatWasSentTo()
    {
        using var server = Datagrams.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        using var client = Datagrams.Bind(Datagrams.Loopback6);
        var target = new SocketEndpoint(new IPEndPoint(IPAddress.IPv6Loopback, server.LocalEndPoint.Port));
        var batch = new SendBatch();
        batch.Commit([1], in target);
        Assert.Equal(0, batch.Flush(client));
        var request = Assert.Single(Datagrams.Receive(server, 1));
        Assert.Equal(target, request.Local);
        batch.Commit([2], request.Remote, request.Local, ecn: 1);
        Assert.Equal(0, batch.Flush(server));
        Assert.Equal(target, Assert.Single(Datagrams.Receive(client, 1)).Remote);
    }

    [Fact]
    public void Bind_ToPortInUse_NamesAddressAndReason()
    {
        using var first = Datagrams.Bind();
        var exception = Assert.Throws<SocketSystemException>(() => Datagrams.Bind(first.LocalEndPoint));
        Assert.Equal($"bind {first.LocalEndPoint}: Address already in use (EADDRINUSE)", exception.Message);
        Assert.Equal(Errno.EADDRINUSE, exception.Errno);
    }

    [Fact]
    public void Connect_FromForeignAddress_BindsButNeedsARoute()
    {
        using var receiver = Datagrams.Bind();
        var foreign = new DatagramSocketOptions { Local = new IPEndPoint(IPAddress.Parse("192.0.2.77"), 0) };
        var exception = Assert.Throws<SocketSystemException>(() => Datagrams.Connect(receiver, foreign));
        Assert.Equal(($"connect {receiver.LocalEndPoint}", Errno.ENETUNREACH), (exception.Operation, exception.Errno));
    }

    [Fact]
    public void Connect_ThroughUnknownInterface_NamesIt()
    {
        using var receiver = Datagrams.Bind();
        var options = new DatagramSocketOptions { Interface = "no-such-device" };
        var exception = Assert.Throws<SocketSystemException>(() => Datagrams.Connect(receiver, options));
        Assert.Equal("setsockopt SO_BINDTODEVICE no-such-device: No such device (ENODEV)", exception.Message);
    }

    [Fact]
    public void Receive_AfterIcmpRefusal_TellsOnce()
    {
        var gone = Datagrams.Bind();
        using var sender = Datagrams.Connect(gone);
        gone.Dispose();
        var pool = new SegmentPool();
        Ready.WaitForRefusal(sender.Fd, () =>
        {
            SegmentList list = default;
            Assert.True(pool.TryAppend(ref list, [1]));
            Assert.Equal(0, pool.Send(sender, ref list, out _, out _));
            pool.Reset();
        });
        Assert.True(Ready.Wait(sender.Fd, EpollInterest.In).HasFlag(EpollInterest.Error));

        var batch = new DatagramBatch();
        Assert.Equal(-Errno.ECONNREFUSED, sender.Receive(batch));
        Assert.False(batch.Drained);
        Assert.Equal(0, sender.Receive(batch));
        Assert.True(batch.Drained);
        Assert.Equal(0, sender.GetPendingError());
    }

    [Fact]
    public void GetPendingError_AfterIcmpRefusal_TakesIt()
    {
        var gone = Datagrams.Bind();
        using var sender = Datagrams.Connect(gone);
        gone.Dispose();
        var batch = new SendBatch();
        Ready.WaitForRefusal(sender.Fd, () =>
        {
            batch.Commit([1], sender.Local); // a connected socket has one destination, whatever the packet names
            Assert.Equal(0, batch.Flush(sender));
        });
        Assert.Equal(Errno.ECONNREFUSED, sender.GetPendingError());
        Assert.Equal(0, sender.GetPendingError());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Receive_OfNoMessages_IsNotDrained(int messages)
    {
        using var socket = Datagrams.Bind();
        var batch = new DatagramBatch(1);
        Assert.Equal(0, socket.Receive(batch, messages));
        Assert.False(batch.Drained);
    }

    [Fact]
    public void Members_AfterDispose_ReportBadDescriptor()
    {
        var socket = Datagrams.Bind();
        socket.Dispose();
        Assert.Equal(-1, socket.Fd);
        Assert.Equal(-Errno.EBADF, socket.Receive(new DatagramBatch(1)));
        socket.Dispose();
    }

    [Fact]
    public void Add_ToBatch_HoldsCopies()
    {
        var batch = new DatagramBatch(messages: 2, messageSize: 100);
        var endpoint = new SocketEndpoint(IPEndPoint.Parse("192.0.2.1:1"));
        Assert.True(batch.Add([1, 2, 3], in endpoint, default, 2));
        Assert.True(batch.Add([], default, in endpoint, 0));
        Assert.False(batch.Add([4], default, default, 0));
        Assert.Equal(2, batch.Count);
        Assert.Equal([1, 2, 3], batch[0].ToArray());
        Assert.Equal(endpoint, batch.Remote(0));
        Assert.Equal(2, batch.Ecn(0));
        Assert.True(batch[1].IsEmpty);
        Assert.Equal(endpoint, batch.Local(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => batch.Ecn(2));
        batch.Clear();
        Assert.Equal(0, batch.Count);
    }
}
