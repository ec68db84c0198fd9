using Relay.Native.Linux;

namespace Relay.Native.Tests.Linux;

public class AllocationTests
{
    [Fact]
    public void ReceiveFlushAndSend_InSteadyState_AllocateNothing()
    {
        var wildcard = new IPEndPoint(IPAddress.Any, 0);
        using var server = Datagrams.Bind(wildcard, new DatagramSocketOptions { Ecn = true });
        var target = new IPEndPoint(IPAddress.Loopback, server.LocalEndPoint.Port);
        using var socket = DatagramSocket.Connect(target, new DatagramSocketOptions());
        using var epoll = new Epoll();
        epoll.Add(server.Fd, EpollInterest.In, 1);
        epoll.Add(socket.Fd, EpollInterest.In, 2);
        var events = new EpollReady[4];
        var received = new DatagramBatch();
        var batch = new SendBatch();
        var pool = new SegmentPool();
        SegmentList list = default;
        var payload = new byte[1000];
        var echoed = 0;

        void Round()
        {
            for (var i = 0; i < 70; i++)
                pool.TryAppend(ref list, payload.AsSpan(0, i % 10 == 9 ? 500 : 1000));
            pool.Send(socket, ref list, out _, out _);
            epoll.Wait(events, Ready.BoundNanoseconds);
            while (!received.Drained)
            {
                server.Receive(received);
                for (var i = 0; i < received.Count; i++)
                {
                    received[i].CopyTo(batch.Reserve(received[i].Length));
                    batch.Commit(received[i].Length, in received.Remote(i), in received.Local(i), received.Ecn(i));
                }
                batch.Flush(server);
            }
            received.Clear();
            while (!received.Drained)
                echoed += socket.Receive(received);
            received.Clear();
        }

        for (var i = 0; i < 200; i++)
            Round();
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 20; i++)
                Round();
        }));
        Assert.Equal((200 + 20 * Allocations.Rounds) * 70, echoed);
    }
}
