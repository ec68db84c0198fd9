using System.Runtime.InteropServices;
using Relay.Native.Linux;

namespace Relay.Native.Tls;

/// <summary>
/// TLS over a non-blocking TCP socket, which it owns. Whoever has it watches the socket, and calls again what answered
/// that it could not go on. Belongs to one loop.
/// </summary>
public sealed unsafe partial class TlsStream : IDisposable
{
    /// <summary>
    /// Most bytes that are written between two calls of <see cref="Flush"/>: what of them the kernel does not take fits, with
    /// what TLS adds, a block of 128 KiB.
    /// </summary>
    public const int MaxQuantum = 7 * MaxRecord;

    /// <summary>Most bytes of a record (RFC 8446 §5.1).</summary>
    public const int MaxRecord = 16 * 1024;

    private readonly TlsBuffers _buffers;
    private readonly StreamTls _session;
    private readonly TlsTransport* _transport;
    private bool _isFreed;

    /// <summary>Takes over a connected socket.</summary>
    /// <param name="context">Certificate and trust.</param>
    /// <param name="socket">The socket; disposed with this, or where this fails.</param>
    /// <param name="buffers">The loop's.</param>
    /// <param name="protocols">Application protocols (RFC 7301), the preferred first.</param>
    /// <param name="serverName">The name that a client asks for and verifies; ignored by a server.</param>
    /// <exception cref="TlsException">No session could be had.</exception>
    /// <exception cref="ObjectDisposedException">The context was replaced and disposed.</exception>
    public TlsStream(
        TlsContext context, StreamSocket socket, TlsBuffers buffers, ReadOnlySpan<string> protocols,
        string? serverName = null)
    {
        Socket = socket;
        _buffers = buffers;
        _transport = (TlsTransport*)NativeMemory.AllocZeroed((nuint)sizeof(TlsTransport));
        try
        {
            _session = context.CreateStreamSession(serverName, protocols, _transport);
        }
        catch
        {
            NativeMemory.Free(_transport);
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The socket beneath.</summary>
    public StreamSocket Socket { get; }

    /// <summary>Why TLS failed, as its library numbers it; 0 where it did not.</summary>
    public int Error => _session.Error;

    /// <summary>Whether it failed since the other side's certificate is missing or not accepted.</summary>
    public bool RefusedCertificate => _session.RefusedCertificate;

    /// <summary>
    /// Whether the other side closed its TCP stream without notice: what came before may not be all that it sent (RFC 8446
    /// §6.1), unless the protocol above says where it ends.
    /// </summary>
    public bool EndedWithoutNotice { get; private set; }

    /// <summary>The error in words.</summary>
    public string ErrorText => _session.ErrorText;

    /// <summary>The alert by which the other side ended it (RFC 8446 §6); null where it did not.</summary>
    public int? Alert => _session.Alert;

    /// <summary>The version that was negotiated, such as <c>1.3</c>; once the handshake is complete.</summary>
    public string Version => _session.Version.TrimStart(['T', 'L', 'S', 'v']);

    /// <summary>Whether the negotiated application protocol is this one; none is negotiated where none was offered.</summary>
    /// <param name="name">As registered, in ASCII.</param>
    public bool HasProtocol(ReadOnlySpan<byte> name) => _session.HasProtocol(name);

    /// <summary>The other side's certificate, in its DER form; null when it has shown none.</summary>
    public byte[]? CopyPeerCertificate() => _session.CopyPeerCertificate();

    /// <summary>Goes on with the handshake; <see cref="Flush"/> sends what it has to say, also where it fails.</summary>
    /// <returns>0 when it is complete, -EAGAIN when it waits for bytes, another -errno when it failed.</returns>
    public int Handshake()
    {
        Acquire();
        for (var left = MaxIdleRecords; left > 0; left--)
        {
            var result = _session.Handshake();
            if (result != -Errno.EAGAIN)
                return result;
            if (_transport->InputLength == 0 && Fill() is var filled and < 0)
                return filled;
        }
        return -Errno.EPROTO;
    }

    /// <summary>Frees the session, and gives the socket to the caller.</summary>
    public StreamSocket Detach()
    {
        if (!_isFreed)
        {
            _isFreed = true;
            _buffers.Forget(this);
            _session.Dispose();
            NativeMemory.Free(_transport);
        }
        return Socket;
    }

    /// <summary>Closes the socket too; what the kernel has taken is still sent, unless received data was left unread.</summary>
    public void Dispose() => Detach().Dispose();
}
