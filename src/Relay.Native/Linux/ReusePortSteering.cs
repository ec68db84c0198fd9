using static Relay.Native.Linux.FilterConstants;
using static Relay.Native.Linux.SocketConstants;

namespace Relay.Native.Linux;

/// <summary>
/// Gives every QUIC packet to the loop that its destination connection ID names, whatever address it comes from.
/// </summary>
public static unsafe class ReusePortSteering
{
    /// <summary>
    /// Attaches the program to the group of a bound <see cref="DatagramSocketOptions.ReusePort"/> socket. The first
    /// byte of the destination connection ID, modulo the loops, is an index into the group in order of bind; a packet
    /// too short to have one, or whose connection ID is empty, goes to the first socket.
    /// </summary>
    /// <returns>
    /// False with the positive errno when the kernel refuses: it then spreads by a hash of the addresses.
    /// </returns>
    public static bool TryAttach(DatagramSocket socket, int loops, out int errno)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(loops, 1);
        // Offsets count from the UDP payload. A load beyond its end ends the program with 0.
        ReadOnlySpan<sock_filter> program =
        [
            LoadByte(0),
            // RFC 8999 §5: the most significant bit of the first byte is the header form, 1 for a long header.
            Jump(BPF_JSET, 0x80, otherwise: 5),
            // RFC 8999 §5.1: version (4 bytes), length of the destination connection ID, the connection ID.
            LoadByte(5),
            Jump(BPF_JEQ, 0, otherwise: 1),
            new(BPF_RET | BPF_K, 0, 0, 0),
            LoadByte(6),
            // RFC 8999 §5.2: after the first byte of a short header, the connection ID.
            new(BPF_JMP, 0, 0, 1), // over the next
            LoadByte(1),
            new(BPF_ALU | BPF_MOD | BPF_K, 0, 0, (uint)loops),
            new(BPF_RET | BPF_A, 0, 0, 0),
        ];
        fixed (sock_filter* filter = program)
        {
            var native = new sock_fprog { len = (ushort)program.Length, filter = filter };
            var result = NativeMethods.setsockopt(
                socket.Fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &native, (uint)sizeof(sock_fprog));
            errno = result == 0 ? 0 : NativeMethods.LastErrno;
        }
        GC.KeepAlive(socket);
        return errno == 0;
    }

    private static sock_filter LoadByte(uint offset) => new(BPF_LD | BPF_B | BPF_ABS, 0, 0, offset);

    /// <summary>Goes on with the next instruction if the condition holds, else skips some.</summary>
    private static sock_filter Jump(ushort condition, uint operand, byte otherwise) =>
        new((ushort)(BPF_JMP | condition | BPF_K), 0, otherwise, operand);
}
