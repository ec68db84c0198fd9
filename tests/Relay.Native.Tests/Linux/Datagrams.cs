using Relay.Native.Linux;

namespace Relay.Native.Tests.Linux;

/// <summary>A datagram as it arrived.</summary>
internal sealed record Received(byte[] Payload, SocketEndpoint Remote, SocketEndpoint Local, byte Ecn);

/// <summary>UDP sockets on loopback, and what arrives at them.</summary>
internal static class Datagrams
{
    internal static readonly IPEndPoint Loopback = new(IPAddress.Loopback, 0);
    internal static readonly IPEndPoint Loopback6 = new(IPAddress.IPv6Loopback, 0);

    internal static DatagramSocket Bind(DatagramSocketOptions? options = null) => Bind(Loopback, options);

    internal static DatagramSocket Bind(IPEndPoint local, DatagramSocketOptions? options = null) =>
        DatagramSocket.Bind(local, options ?? new DatagramSocketOptions { ReceiveBufferBytes = 4 << 20 });

    internal static DatagramSocket Connect(DatagramSocket target, DatagramSocketOptions? options = null) =>
        DatagramSocket.Connect(target.LocalEndPoint, options ?? new DatagramSocketOptions());

    /// <summary>Receives until so many datagrams have come, and checks that no more did.</summary>
    internal static List<Received> Receive(DatagramSocket socket, int count, DatagramBatch? batch = null)
    {
        batch ??= new DatagramBatch();
        var received = new List<Received>();
        while (received.Count < count)
        {
            Ready.Wait(socket.Fd, EpollInterest.In);
            var result = socket.Receive(batch);
            Assert.True(result >= 0, Errno.Describe(result));
            Assert.Equal(result, batch.Count);
            for (var i = 0; i < batch.Count; i++)
                received.Add(new Received(batch[i].ToArray(), batch.Remote(i), batch.Local(i), batch.Ecn(i)));
        }
        Assert.Equal(count, received.Count);
        Assert.False(Ready.IsNow(socket.Fd, EpollInterest.In));
        return received;
    }

    /// <summary>A payload of so many bytes that no other seed has.</summary>
    internal static byte[] Payload(int length, int seed)
    {
        var payload = new byte[length];
        new Random(seed).NextBytes(payload);
        return payload;
    }

    internal static void Commit(
        this SendBatch batch,
        ReadOnlySpan<byte> payload,
        in SocketEndpoint remote,
        in SocketEndpoint local = default,
        byte ecn = 0)
    {
        var room = batch.Reserve(payload.Length);
        Assert.Equal(payload.Length, room.Length);
        payload.CopyTo(room);
        batch.Commit(payload.Length, in remote, in local, ecn);
    }
}
