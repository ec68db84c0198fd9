using Relay.Native.Linux;

namespace Relay.Native.Tests.Linux;

/// <summary>What depends on the path: its MTU, and a socket buffer that fills because nothing leaves.</summary>
public class PathTests
{
    [Theory]
    [InlineData("127.0.0.1", 28)]
    [InlineData("::1", 48)]
    public void Flush_OfPacketLargerThanThePath_DropsOnlyThat(string address, int headers) => NetworkNamespace.Run(() =>
    {
        NetworkNamespace.Ip("link set lo mtu 1400");
        var endpoint = new IPEndPoint(IPAddress.Parse(address), 0);
        using var receiver = Datagrams.Bind(endpoint);
        using var sender = Datagrams.Bind(endpoint);
        var batch = new SendBatch();
        var fits = 1400 - headers;
        int[] sizes = [fits, fits, fits + 1, fits + 1, fits + 1, 100, 100, 90];
        foreach (var size in sizes)
            batch.Commit(Datagrams.Payload(size, size), receiver.Local);
        Assert.Equal(0, batch.Flush(sender));
        Assert.Equal([fits, fits, 100, 100, 90], Datagrams.Receive(receiver, 5)
            .Select(datagram => datagram.Payload.Length));
        Assert.Equal((5L, 3L), (batch.PacketsSent, batch.DroppedPackets));
        Assert.Equal(Errno.EMSGSIZE, batch.LastError);
        Assert.True(sender.GsoFallbacks > 0);
        Assert.True(sender.GsoSupported); // the packet was at fault, not the device
    });

    [Fact]
    public void Send_OfDatagramLargerThanThePath_DropsOnlyThat() => NetworkNamespace.Run(() =>
    {
        NetworkNamespace.Ip("link set lo mtu 1400");
        using var receiver = Datagrams.Bind();
        using var sender = Datagrams.Connect(receiver);
        var pool = new SegmentPool();
        foreach (int[] sizes in new int[][] { [1372, 1372, 1373, 1373, 5, 1372], [1373], [1373, 1374, 10] })
        {
            SegmentList list = default;
            foreach (var size in sizes)
                Assert.True(pool.TryAppend(ref list, Datagrams.Payload(size, size)));
            Assert.Equal(0, pool.Send(sender, ref list, out var sent, out var dropped));
            var fitting = sizes.Where(size => size <= 1372).ToArray();
            Assert.Equal((fitting.Length, sizes.Length - fitting.Length), (sent, dropped));
            Assert.Equal(fitting, Datagrams.Receive(receiver, sent).Select(datagram => datagram.Payload.Length));
        }
        Assert.Equal(0, sender.GetPendingError());
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Flush_WhenTheBufferIsFull_KeepsTheRestInOrder(bool gso) => WithBlockedLink((receiver, release) =>
    {
        var local = new IPEndPoint(IPAddress.Parse("10.9.0.1"), 0);
        using var sender = Datagrams.Bind(local, new DatagramSocketOptions { SendBufferBytes = 1 });
        if (!gso)
            sender.OnGsoRefused(Errno.EIO);
        var batch = new SendBatch();
        var payloads = Enumerable.Range(0, 40).Select(i => Datagrams.Payload(i % 10 == 9 ? 300 : 1200, i)).ToArray();
        foreach (var payload in payloads)
            batch.Commit(payload, receiver.Local);
        Assert.Equal(-Errno.EAGAIN, batch.Flush(sender));
        Assert.True(batch.HasPending);
        Assert.Equal(-Errno.EAGAIN, batch.Flush(sender));
        var last = Datagrams.Payload(300, 99);
        batch.Commit(last, receiver.Local); // behind what waits
        Assert.Equal(41 - batch.PacketsSent, batch.PendingPackets);

        release();
        while (batch.HasPending)
        {
            Ready.Wait(sender.Fd, EpollInterest.Out);
            _ = batch.Flush(sender);
        }
        Assert.Equal((41L, 0L), (batch.PacketsSent, batch.DroppedPackets));
        Assert.Equal([.. payloads, last], Datagrams.Receive(receiver, 41).Select(datagram => datagram.Payload));
    });

    [Fact]
    public void Send_WhenTheBufferIsFull_DropsTheRest() => WithBlockedLink((receiver, release) =>
    {
        using var sender = Datagrams.Connect(receiver, new DatagramSocketOptions { SendBufferBytes = 1 });
        var pool = new SegmentPool();
        SegmentList list = default;
        for (var i = 0; i < 40; i++)
            Assert.True(pool.TryAppend(ref list, Datagrams.Payload(1200 + i, i))); // no two make a run
        Assert.Equal(-Errno.EAGAIN, pool.Send(sender, ref list, out var sent, out var dropped));
        Assert.InRange(sent, 1, 39);
        Assert.Equal(40, sent + dropped);
        Assert.Equal(0, pool.Count);
        release();
        Assert.Equal(
            Enumerable.Range(0, sent).Select(i => 1200 + i),
            Datagrams.Receive(receiver, sent).Select(datagram => datagram.Payload.Length));
    });

    [Theory]
    [InlineData("127.0.0.1", "192.0.2.77")]
    [InlineData("::1", "2001:db8::77")]
    public void Sockets_FromPrefixRoutedHere_NeedNoInterfaceAddress(string target, string source) =>
        NetworkNamespace.Run(() =>
    {
        NetworkNamespace.Ip("route add local 192.0.2.0/24 dev lo");
        NetworkNamespace.Ip("route add local 2001:db8::/64 dev lo");
        var local = new IPEndPoint(IPAddress.Parse(source), 0);
        using var receiver = Datagrams.Bind(new IPEndPoint(IPAddress.Parse(target), 0));
        using var sender = Datagrams.Connect(receiver, new DatagramSocketOptions { Local = local, Interface = "lo" });
        Assert.Equal(local.Address, sender.LocalEndPoint.Address);
        var pool = new SegmentPool();
        SegmentList list = default;
        Assert.True(pool.TryAppend(ref list, [1]));
        Assert.Equal(0, pool.Send(sender, ref list, out _, out _));
        Assert.Equal(sender.Local, Assert.Single(Datagrams.Receive(receiver, 1)).Remote);

        using var listener = StreamSocket.Listen(new IPEndPoint(IPAddress.Parse(target), 0));
        var options = new StreamSocketOptions { Local = local, Interface = "lo" };
        using var client = StreamSocket.Create(listener.LocalEndPoint, options);
        Assert.Equal(0, client.LocalEndPoint.Port); // chosen at connect
        Assert.True(client.Connect() is 0 or -Errno.EINPROGRESS);
        Ready.Wait(listener.Fd, EpollInterest.In);
        Assert.Equal(0, listener.Accept(out var accepted));
        using (accepted)
            Assert.Equal(client.LocalEndPoint, accepted!.RemoteEndPoint);
        Assert.Equal(local.Address, accepted.RemoteEndPoint.Address);
    });

    /// <summary>
    /// A link between two namespaces whose far end does not answer ARP: what is sent waits for the address, and is
    /// charged to the socket that sent it, until the address is set by hand.
    /// </summary>
    private static void WithBlockedLink(Action<DatagramSocket, Action> test) => NetworkNamespace.Run(() =>
    {
        using var far = NetworkNamespace.Current();
        NetworkNamespace.Enter();
        using var near = NetworkNamespace.Current();
        var handle = far.DangerousGetHandle();
        NetworkNamespace.Ip("link add v0 type veth peer name v1 address 02:00:00:00:00:01");
        NetworkNamespace.Ip($"link set v1 netns /proc/{Environment.ProcessId}/fd/{handle}");
        NetworkNamespace.Enter(far);
        NetworkNamespace.Ip("addr add 10.9.0.2/24 dev v1");
        NetworkNamespace.Ip("link set v1 arp off up");
        using var receiver = Datagrams.Bind(new IPEndPoint(IPAddress.Parse("10.9.0.2"), 0));
        // The near end comes up last: with its peer up it transmits at once, else only when the carrier has been
        // noticed.
        NetworkNamespace.Enter(near);
        NetworkNamespace.Ip("addr add 10.9.0.1/24 dev v0");
        NetworkNamespace.Ip("link set v0 up");
        // What waits would be given up after three requests of a second each.
        File.WriteAllText("/proc/sys/net/ipv4/neigh/v0/retrans_time_ms", "60000");
        const string Answer = "neigh replace 10.9.0.2 lladdr 02:00:00:00:00:01 dev v0 nud permanent";
        test(receiver, () => NetworkNamespace.Ip(Answer));
    });
}
