namespace Relay.Native.Tls;

/// <summary>The TLS session of a QUIC connection: ngtcp2's crypto library drives it until the handshake is complete.</summary>
internal abstract class QuicTls : IDisposable
{
    /// <summary>What ngtcp2's crypto library takes for it.</summary>
    internal abstract nint NativeHandle { get; }

    /// <summary>The client's certificate, in its DER form; null when it has shown none.</summary>
    internal abstract byte[]? CopyPeerCertificate();

    /// <summary>Frees it; the connection no longer refers to it.</summary>
    public abstract void Dispose();
}
