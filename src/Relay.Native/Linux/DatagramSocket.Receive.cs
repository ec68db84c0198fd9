using static Relay.Native.Linux.SocketConstants;

namespace Relay.Native.Linux;

public sealed unsafe partial class DatagramSocket
{
    /// <summary>
    /// Receives as many messages as the batch has room for; see <see cref="Receive(DatagramBatch, int)"/>.
    /// </summary>
    public int Receive(DatagramBatch batch) => Receive(batch, batch.Capacity);

    /// <summary>
    /// Replaces what the batch holds by up to <paramref name="maxMessages"/> received messages, of which each is one
    /// datagram or, with GRO, a run of them.
    /// </summary>
    /// <returns>
    /// The datagrams received; 0 with <see cref="DatagramBatch.Drained"/> when there was none; or -errno, such as
    /// -ECONNREFUSED or -EMSGSIZE, of an error that the path reported to a connected socket. An error is taken by being
    /// told: datagrams may be waiting behind it, so call again.
    /// </returns>
    public int Receive(DatagramBatch batch, int maxMessages)
    {
        batch.Clear();
        var asked = Math.Clamp(maxMessages, 0, batch.Capacity);
        while (true)
        {
            var received = NativeMethods.recvmmsg(_fd, batch.Headers, (uint)asked, MSG_DONTWAIT, null);
            if (received >= 0)
            {
                batch.Accept(received, in _local, drained: received < asked);
                GC.KeepAlive(this);
                return batch.Count;
            }
            var errno = NativeMethods.LastErrno;
            if (errno == Errno.EINTR)
                continue;
            if (errno != Errno.EAGAIN)
                return -errno;
            batch.Accept(0, in _local, drained: true);
            return 0;
        }
    }
}
