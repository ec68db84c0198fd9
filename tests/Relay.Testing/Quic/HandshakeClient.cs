using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Relay.Native.Linux;
using Relay.Native.Ngtcp2;
using Relay.Native.Quic;
using Relay.Native.Tls;
using NativeMethods = Relay.Native.Ngtcp2.NativeMethods;

namespace Relay.Testing.Quic;

/// <summary>
/// A QUIC client that does a handshake, tells TLS's secrets, and is of no more use then: what comes after is its owner's.
/// TLS is GnuTLS's, the cipher AES-128-GCM.
/// </summary>
internal sealed unsafe class HandshakeClient : QuicConnection, IPacketSink
{
    private static readonly ConcurrentDictionary<nint, HandshakeClient> BySession = new();

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(64 * 1024, pinned: true);
    private readonly nint _session;
    private readonly SocketEndpoint _local;
    private readonly SocketEndpoint _remote;
    private readonly Action<byte[]> _send;

    /// <param name="tls">What to trust.</param>
    /// <param name="serverName">The name that the server's certificate must have.</param>
    /// <param name="parameters">What the client allows.</param>
    /// <param name="local">Its address.</param>
    /// <param name="remote">The server's.</param>
    /// <param name="send">Takes packets.</param>
    /// <param name="now">The clock, in nanoseconds.</param>
    public HandshakeClient(
        TlsContext tls, string serverName, QuicParameters parameters, in SocketEndpoint local, in SocketEndpoint remote,
        Action<byte[]> send, ulong now)
        : base(
            tls, serverName, parameters, Ngtcp2Constants.NGTCP2_PROTO_VER_V1,
            new ConnectionId(RandomNumberGenerator.GetBytes(PacketClient.IdLength)), local, remote, now)
    {
        (_local, _remote, _send) = (local, remote, send);
        _session = NativeMethods.ngtcp2_conn_get_tls_native_handle(Native);
        fixed (byte* priorities = "%DISABLE_TLS13_COMPAT_MODE:NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM\0"u8)
        {
            if (gnutls_priority_set_direct(_session, priorities, null) != 0)
                throw new InvalidOperationException("GnuTLS has no AES-128-GCM.");
        }
        BySession[_session] = this;
        gnutls_session_set_keylog_function(_session, &Log);
    }

    /// <summary>The client's secret of Handshake packets; null before.</summary>
    public byte[]? HandshakeSecret { get; private set; }

    /// <summary>The client's secret of 1-RTT packets; null before.</summary>
    public byte[]? ClientSecret { get; private set; }

    /// <summary>The server's.</summary>
    public byte[]? ServerSecret { get; private set; }

    /// <summary>Bidirectional streams that the server allows now.</summary>
    public ulong BidirectionalStreams => NativeMethods.ngtcp2_conn_get_streams_bidi_left(Native);

    /// <summary>Takes a packet of the server.</summary>
    public void Receive(ReadOnlySpan<byte> packet, ulong now) => _ = Read(_local, _remote, 0, packet, now);

    /// <summary>Sends what there is to say.</summary>
    public void Write(ulong now)
    {
        if (Expiry <= now)
            HandleExpiry(now);
        while (Write(this, now) == QuicWriteResult.Quantum)
        {
            // It has more.
        }
    }

    Span<byte> IPacketSink.Reserve(int size) => _buffer;

    void IPacketSink.Commit(int length, in SocketEndpoint remote, in SocketEndpoint local, byte ecn) =>
        _send(_buffer.AsSpan(0, length).ToArray());

    void IPacketSink.CloseRun()
    {
    }

    protected override void CreateConnectionId(Span<byte> destination) => RandomNumberGenerator.Fill(destination);

    protected override void Dispose(bool disposing)
    {
        BySession.TryRemove(_session, out _);
        base.Dispose(disposing);
    }

    private protected override void OnKeysReady()
    {
    }

    private protected override int OnStreamData(long stream, bool fin, byte* data, nuint length) => 0;

    private protected override int OnStreamReset(long stream, ulong applicationError) => 0;

    private protected override int OnStreamAcknowledged(long stream, ulong length) => 0;

    private protected override int OnStreamClose(long stream, ulong applicationError) => 0;

    private protected override int OnStreamReadStopped(long stream) => 0;

    private protected override int OnStreamWindow(long stream) => 0;

    private protected override QuicWriteResult WriteStreams(ref Writer writer)
    {
        while (writer.QuantumLeft)
        {
            var written = writer.WriteStream(-1, 0, writer.Vectors, 0, out _);
            if (written > 0)
                continue;
            return written == 0 ? QuicWriteResult.Done : writer.Failed((int)written);
        }
        return QuicWriteResult.Quantum;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Log(nint session, byte* label, Datum* secret)
    {
        if (!BySession.TryGetValue(session, out var self))
            return 0;
        var bytes = new ReadOnlySpan<byte>(secret->Data, (int)secret->Size).ToArray();
        switch (Marshal.PtrToStringAnsi((nint)label))
        {
            case "CLIENT_HANDSHAKE_TRAFFIC_SECRET":
                self.HandshakeSecret = bytes;
                break;
            case "CLIENT_TRAFFIC_SECRET_0":
                self.ClientSecret = bytes;
                break;
            case "SERVER_TRAFFIC_SECRET_0":
                self.ServerSecret = bytes;
                break;
        }
        return 0;
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Datum
    {
        public readonly byte* Data;
        public readonly uint Size;
    }

    [DllImport("libgnutls.so.30")]
    private static extern int gnutls_priority_set_direct(nint session, byte* priorities, byte** position);

    [DllImport("libgnutls.so.30")]
    private static extern void gnutls_session_set_keylog_function(
        nint session, delegate* unmanaged[Cdecl]<nint, byte*, Datum*, int> function);
}
