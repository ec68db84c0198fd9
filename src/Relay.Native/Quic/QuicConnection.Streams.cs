using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Relay.Native.Quic;

/// <content>The other side's streams, as they begin.</content>
public abstract unsafe partial class QuicConnection
{
    /// <summary>When the packet came whose callbacks run, in nanoseconds.</summary>
    private protected ulong ReadAt => _readAt;

    /// <summary>The other side opened a stream; it need not have sent a byte on it yet.</summary>
    private protected virtual void OnStreamOpened(long stream)
    {
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int StreamOpen(nint conn, long stream, nint userData) =>
        Run(userData, stream, static (self, stream) => self.OnStreamOpened(stream));
}
