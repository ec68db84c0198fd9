using System.Buffers;
using System.Runtime.CompilerServices;
using static Relay.Native.Linux.SocketConstants;

namespace Relay.Native.Linux;

public sealed unsafe partial class StreamSocket
{
    private const int MaxGathered = 16;

    [InlineArray(MaxGathered)]
    private struct Pins
    {
        private MemoryHandle _first;
    }

    /// <summary>
    /// Receives: bytes, 0 at the end of the stream, or -errno, -EAGAIN when nothing waits. Not for an empty buffer.
    /// </summary>
    public int Receive(Span<byte> buffer)
    {
        fixed (byte* pointer = buffer)
        {
            nint result;
            do
                result = NativeMethods.recv(_fd, pointer, (nuint)buffer.Length, MSG_DONTWAIT);
            while (NativeMethods.IsInterrupted(result));
            return Answer(result);
        }
    }

    /// <summary>Throws away what waits, at most so many bytes, without a look at them; answers as <see cref="Receive"/>.</summary>
    public int Discard(int most)
    {
        nint result;
        do
            // tcp(7): with MSG_TRUNC "the received bytes of data are discarded, rather than passed back in a caller-supplied buffer".
            result = NativeMethods.recv(_fd, null, (nuint)most, MSG_DONTWAIT | MSG_TRUNC);
        while (NativeMethods.IsInterrupted(result));
        return Answer(result);
    }

    /// <summary>Sends: bytes taken, perhaps fewer than given, or -errno, -EAGAIN when the buffer is full.</summary>
    public int Send(ReadOnlySpan<byte> data)
    {
        fixed (byte* pointer = data)
        {
            nint result;
            do
                result = NativeMethods.send(_fd, pointer, (nuint)data.Length, MSG_DONTWAIT | MSG_NOSIGNAL);
            while (NativeMethods.IsInterrupted(result));
            return Answer(result);
        }
    }

    /// <summary>
    /// Sends two blocks, one behind the other, with one call; answers as <see cref="Send(ReadOnlySpan{byte})"/>.
    /// </summary>
    public int Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        fixed (byte* one = first, two = second)
        {
            var vectors = stackalloc iovec[2];
            vectors[0] = new iovec { iov_base = one, iov_len = (nuint)first.Length };
            vectors[1] = new iovec { iov_base = two, iov_len = (nuint)second.Length };
            return SendVectors(vectors, 2);
        }
    }

    /// <summary>
    /// Sends blocks, one behind the other, with one call that takes up to 16 of them; answers as <see
    /// cref="Send(ReadOnlySpan{byte})"/>.
    /// </summary>
    public int SendGather(ReadOnlySpan<ReadOnlyMemory<byte>> data)
    {
        var count = Math.Min(data.Length, MaxGathered);
        var vectors = stackalloc iovec[MaxGathered];
        Pins pins = default;
        var pinned = 0;
        try
        {
            for (; pinned < count; pinned++)
            {
                pins[pinned] = data[pinned].Pin();
                vectors[pinned] = new iovec { iov_base = pins[pinned].Pointer, iov_len = (nuint)data[pinned].Length };
            }
            return SendVectors(vectors, count);
        }
        finally
        {
            for (var i = 0; i < pinned; i++)
                pins[i].Dispose();
        }
    }

    private int SendVectors(iovec* vectors, int count)
    {
        var message = new msghdr { msg_iov = vectors, msg_iovlen = (nuint)count };
        nint result;
        do
            result = NativeMethods.sendmsg(_fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        while (NativeMethods.IsInterrupted(result));
        return Answer(result);
    }

    // Directly after the call: errno is still its own.
    private int Answer(nint result)
    {
        var answer = result >= 0 ? (int)result : -NativeMethods.LastErrno;
        GC.KeepAlive(this);
        return answer;
    }
}
