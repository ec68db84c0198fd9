using Relay.Native.Tls;

namespace Relay.Load.Client;

/// <summary>What the connections over TCP of a loop share.</summary>
internal sealed class TcpBuffers
{
    /// <summary>Encrypted bytes on their way.</summary>
    public TlsBuffers Tls { get; } = new();

    /// <summary>Bytes that were decrypted, or are to be encrypted; a capsule of any size fits.</summary>
    public byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(64 * 1024, pinned: true);
}
