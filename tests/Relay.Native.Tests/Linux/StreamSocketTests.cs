using Relay.Native.Linux;

namespace Relay.Native.Tests.Linux;

public class StreamSocketTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void ShutdownWrite_ByOneSide_LeavesTheOtherDirectionOpen(string address)
    {
        var (client, server) = Pair(address);
        using (client)
        using (server)
        {
            Assert.Equal(5, client.Send("hello"u8));
            Assert.Equal(0, client.ShutdownWrite());
            Assert.Equal("hello", Read(server));
            Ready.Wait(server.Fd, EpollInterest.In);
            Assert.Equal(0, server.Receive(new byte[10]));

            Assert.Equal(6, server.Send("wor"u8, "ld!"u8));
            Assert.Equal("world!", Read(client));
            Assert.Equal(-Errno.EAGAIN, client.Receive(new byte[10]));
            Assert.Equal(-Errno.EPIPE, client.Send("x"u8)); // and no signal
        }
    }

    [Fact]
    public void Discard_TakesWhatWaits_AndTellsTheEnd()
    {
        var (client, server) = Pair();
        using (client)
        using (server)
        {
            Assert.Equal(-Errno.EAGAIN, server.Discard(10));
            client.Send("hello, world"u8);
            Ready.Wait(server.Fd, EpollInterest.In);
            Assert.Equal(7, server.Discard(7));
            Assert.Equal("world", Read(server));
            client.Send("more"u8);
            client.ShutdownWrite();
            Ready.Wait(server.Fd, EpollInterest.RdHup);
            Assert.Equal(4, server.Discard(1000));
            Assert.Equal(0, server.Discard(1000));
        }
    }

    [Fact]
    public void Dispose_ByOneSide_IsEndOfStream()
    {
        var (client, server) = Pair();
        using (server)
        {
            client.Dispose();
            Assert.True(Ready.Wait(server.Fd, EpollInterest.In | EpollInterest.RdHup).HasFlag(EpollInterest.RdHup));
            Assert.Equal(0, server.Receive(new byte[10]));
        }
    }

    [Fact]
    public void Abort_ByOneSide_IsReset()
    {
        var (client, server) = Pair();
        using (server)
        {
            client.Abort();
            client.Abort();
            Assert.True(Ready.Wait(server.Fd, EpollInterest.In).HasFlag(EpollInterest.Error));
            Assert.Equal(-Errno.ECONNRESET, server.Receive(new byte[10]));
        }
    }

    [Fact]
    public void Connect_ToClosedPort_IsRefused()
    {
        var listener = StreamSocket.Listen(Datagrams.Loopback);
        var address = listener.LocalEndPoint;
        listener.Dispose();
        using var client = StreamSocket.Create(address);
        var result = client.Connect();
        if (result == -Errno.EINPROGRESS)
        {
            Ready.Wait(client.Fd, EpollInterest.Out);
            result = -client.GetPendingError();
        }
        Assert.Equal(-Errno.ECONNREFUSED, result);
    }

    [Fact]
    public void Create_WithSource_ConnectsFromIt()
    {
        using var listener = StreamSocket.Listen(Datagrams.Loopback);
        var options = new StreamSocketOptions { Local = new IPEndPoint(IPAddress.Parse("127.0.0.9"), 0) };
        using var client = StreamSocket.Create(listener.LocalEndPoint, options);
        using var server = Accept(listener, client);
        Assert.Equal(client.LocalEndPoint, server.RemoteEndPoint);
        Assert.Equal("127.0.0.9", server.RemoteEndPoint.Address.ToString());
    }

    [Fact]
    public void Send_UntilFull_EndsInEagain()
    {
        var (client, server) = Pair();
        using (client)
        using (server)
        {
            var block = new byte[1 << 20];
            long sent = 0;
            int result;
            while ((result = client.Send(block)) > 0)
                sent += result;
            Assert.Equal(-Errno.EAGAIN, result);
            while (sent > 0)
            {
                Ready.Wait(server.Fd, EpollInterest.In);
                sent -= server.Receive(block);
            }
            Assert.Equal(0, sent);
            Ready.Wait(client.Fd, EpollInterest.Out);
        }
    }

    [Fact]
    public void SendGather_OfManyBlocks_SendsTheFirstSixteen()
    {
        var (client, server) = Pair();
        using (client)
        using (server)
        {
            var blocks = Enumerable.Range(0, 20).Select(i => new ReadOnlyMemory<byte>([(byte)('a' + i)])).ToArray();
            Assert.Equal(16, client.SendGather(blocks));
            Assert.Equal("abcdefghijklmnop", Read(server));
            Assert.Equal(4, client.SendGather(blocks.AsSpan(16)));
            Assert.Equal("qrst", Read(server));
        }
    }

    [Fact]
    public void Accept_WhenNoneWaits_IsEagain()
    {
        using var listener = StreamSocket.Listen(Datagrams.Loopback);
        Assert.Equal(-Errno.EAGAIN, listener.Accept(out var accepted));
        Assert.Null(accepted);
    }

    [Fact]
    public void Listen_OnPortInUse_NamesAddressAndReason()
    {
        using var listener = StreamSocket.Listen(Datagrams.Loopback);
        var exception = Assert.Throws<SocketSystemException>(() => StreamSocket.Listen(listener.LocalEndPoint));
        Assert.Equal($"bind {listener.LocalEndPoint}: Address already in use (EADDRINUSE)", exception.Message);
    }

    private static (StreamSocket Client, StreamSocket Server) Pair(string address = "127.0.0.1")
    {
        using var listener = StreamSocket.Listen(new IPEndPoint(IPAddress.Parse(address), 0));
        var client = StreamSocket.Create(listener.LocalEndPoint);
        return (client, Accept(listener, client));
    }

    private static StreamSocket Accept(StreamSocket listener, StreamSocket client)
    {
        Assert.True(client.Connect() is 0 or -Errno.EINPROGRESS);
        Ready.Wait(client.Fd, EpollInterest.Out);
        Assert.Equal(0, client.GetPendingError());
        Ready.Wait(listener.Fd, EpollInterest.In);
        Assert.Equal(0, listener.Accept(out var server));
        return server!;
    }

    private static string Read(StreamSocket socket)
    {
        Ready.Wait(socket.Fd, EpollInterest.In);
        var buffer = new byte[1000];
        return System.Text.Encoding.ASCII.GetString(buffer, 0, socket.Receive(buffer));
    }
}
