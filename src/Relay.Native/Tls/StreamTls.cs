using Relay.Native.Linux;

namespace Relay.Native.Tls;

/// <summary>
/// The TLS session of a byte stream. It reads and writes memory; <see cref="TlsStream"/> moves what is there from and to the
/// socket.
/// </summary>
internal abstract unsafe class StreamTls : IDisposable
{
    /// <summary>Why TLS failed, as its library numbers it; 0 where it did not.</summary>
    internal int Error { get; private protected set; }

    /// <summary>The alert by which the other side ended it (RFC 8446 §6); null where it did not.</summary>
    internal int? Alert { get; private protected set; }

    /// <summary>The error in words.</summary>
    internal abstract string ErrorText { get; }

    /// <summary>Whether it failed since the other side's certificate is missing or not accepted.</summary>
    internal abstract bool RefusedCertificate { get; }

    /// <summary>The version that was negotiated, such as <c>TLSv1.3</c> or <c>TLS1.3</c>.</summary>
    internal abstract string Version { get; }

    /// <summary>Whether the negotiated application protocol is this one.</summary>
    internal abstract bool HasProtocol(ReadOnlySpan<byte> name);

    /// <summary>The other side's certificate, in its DER form; null when it has shown none.</summary>
    internal abstract byte[]? CopyPeerCertificate();

    /// <summary>Goes on with the handshake.</summary>
    /// <returns>
    /// 0 when it is complete, -<see cref="Errno.EAGAIN"/> when it needs more input or another call, -<see cref="Errno.EPROTO"/>
    /// when it has failed: the alert is written.
    /// </returns>
    internal abstract int Handshake();

    /// <summary>Reads the data of at most one record.</summary>
    /// <returns>
    /// Bytes; 0 for an end in order; -<see cref="Errno.EAGAIN"/> when it needs more input, or has read something else than data;
    /// -<see cref="Errno.ECONNRESET"/> for an end without notice; -<see cref="Errno.EPROTO"/> when it has failed: the alert is
    /// written.
    /// </returns>
    internal abstract int Read(byte* destination, int length);

    /// <summary>Encrypts data.</summary>
    /// <returns>Bytes taken, more than none; -<see cref="Errno.EPROTO"/> when it has failed.</returns>
    internal abstract int Write(byte* data, int length);

    /// <summary>Writes that no more comes (close_notify).</summary>
    internal abstract void EndWriting();

    /// <summary>Ends it with an alert, be it close_notify, since the other side only keeps this one busy.</summary>
    internal abstract void Refuse();

    /// <summary>Frees it.</summary>
    public abstract void Dispose();
}
