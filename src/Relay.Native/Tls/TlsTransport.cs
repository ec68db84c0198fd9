using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Relay.Native.Linux;

namespace Relay.Native.Tls;

/// <summary>
/// What GnuTLS reads and writes in the place of a socket: memory, so that a system call carries many records. In native
/// memory, since GnuTLS holds its address.
/// </summary>
internal unsafe struct TlsTransport
{
    /// <summary>Encrypted bytes that came and are not read yet.</summary>
    internal byte* Input;
    internal int InputLength;

    /// <summary>Whether no more will come after these.</summary>
    internal bool InputEnded;

    /// <summary>Encrypted bytes to send.</summary>
    internal byte* Output;
    internal int OutputLength;
    internal int OutputCapacity;

    /// <summary>Why the last call failed.</summary>
    internal int Error;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static nint Pull(void* transport, byte* data, nuint length)
    {
        var self = (TlsTransport*)transport;
        var taken = (int)Math.Min(length, (nuint)self->InputLength);
        if (taken == 0)
        {
            self->Error = Errno.EAGAIN;
            return self->InputEnded ? 0 : -1;
        }
        new ReadOnlySpan<byte>(self->Input, taken).CopyTo(new Span<byte>(data, taken));
        self->Input += taken;
        self->InputLength -= taken;
        return taken;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static nint Push(void* transport, byte* data, nuint length)
    {
        var self = (TlsTransport*)transport;
        if (length > (nuint)(self->OutputCapacity - self->OutputLength))
        {
            // The room is more than a turn's records and any handshake's messages: an error for good.
            self->Error = Errno.ENOBUFS;
            return -1;
        }
        new ReadOnlySpan<byte>(data, (int)length).CopyTo(new Span<byte>(self->Output + self->OutputLength, (int)length));
        self->OutputLength += (int)length;
        return (nint)length;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int GetError(void* transport) => ((TlsTransport*)transport)->Error;
}
