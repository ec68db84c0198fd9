using Relay.Native.Linux;

namespace Relay.Native.Tls;

/// <summary>
/// The memory that the TLS streams of one loop read and write through, one after the other. What a stream leaves in it
/// is copied to memory of its own when the next one needs it.
/// </summary>
public sealed class TlsBuffers
{
    /// <summary>Encrypted bytes that are received at a time.</summary>
    internal const int InputSize = 64 * 1024;

    /// <summary>
    /// Room for encrypted bytes to send: <see cref="TlsStream.MaxQuantum"/>, what TLS adds to it, and a handshake's messages.
    /// </summary>
    internal const int OutputSize = TlsStream.MaxQuantum + (64 * 1024);

    private TlsStream? _owner;

    internal PinnedArray<byte> Input { get; } = new(InputSize, zeroed: false);

    internal PinnedArray<byte> Output { get; } = new(OutputSize, zeroed: false);

    internal bool TryAcquire(TlsStream stream)
    {
        if (_owner == stream)
            return false;
        _owner?.Park();
        _owner = stream;
        return true;
    }

    internal bool IsOwnedBy(TlsStream stream) => _owner == stream;

    internal void Forget(TlsStream stream)
    {
        if (_owner == stream)
            _owner = null;
    }
}
