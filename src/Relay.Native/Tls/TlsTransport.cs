using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Relay.Native.Linux;

namespace Relay.Native.Tls;

/// <summary>
/// What a TLS library reads and writes in the place of a socket: memory, so that a system call carries many records. In native
/// memory, since the library holds its address.
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

    /// <summary>Whether all is read that came, and no more will.</summary>
    internal readonly bool HasEnded => InputEnded && InputLength == 0;

    /// <summary>Takes bytes that came; 0 where there are none.</summary>
    internal int Take(byte* destination, int length)
    {
        var taken = Math.Min(length, InputLength);
        new ReadOnlySpan<byte>(Input, taken).CopyTo(new Span<byte>(destination, taken));
        Input += taken;
        InputLength -= taken;
        return taken;
    }

    /// <summary>Adds bytes to send: all or none.</summary>
    internal bool TryPut(byte* data, int length)
    {
        if (length > OutputCapacity - OutputLength)
            return false;
        new ReadOnlySpan<byte>(data, length).CopyTo(new Span<byte>(Output + OutputLength, length));
        OutputLength += length;
        return true;
    }

    /// <summary>As GnuTLS has it.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static nint Pull(void* transport, byte* data, nuint length)
    {
        var self = (TlsTransport*)transport;
        var taken = self->Take(data, (int)Math.Min(length, int.MaxValue));
        if (taken > 0)
            return taken;
        self->Error = Errno.EAGAIN;
        return self->InputEnded ? 0 : -1;
    }

    /// <summary>As GnuTLS has it.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static nint Push(void* transport, byte* data, nuint length)
    {
        var self = (TlsTransport*)transport;
        if (length <= int.MaxValue && self->TryPut(data, (int)length))
            return (nint)length;
        // The room is more than a turn's records and any handshake's messages: an error for good.
        self->Error = Errno.ENOBUFS;
        return -1;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int GetError(void* transport) => ((TlsTransport*)transport)->Error;
}
