using System.Runtime.InteropServices;
using Relay.Native.Linux;
using Relay.Native.Ngtcp2;
using Relay.Native.Tls;
using static Relay.Native.Ngtcp2.NativeMethods;

namespace Relay.Native.Quic;

/// <summary>
/// One QUIC connection: ngtcp2's state and, until the handshake is done, the TLS session. It touches neither sockets
/// nor clocks: its owner feeds packets and the time, and takes packets. Not thread safe; every member, and every
/// callback, belongs to the one thread that owns it.
/// </summary>
public abstract unsafe partial class QuicConnection : IDisposable
{
    /// <summary>RFC 8200 §5: "every link in the Internet [has] an MTU of 1280 octets or greater".</summary>
    private const int LeastMtu = 1280;

    private const int IPv4AndUdp = 20 + 8;
    private const int IPv6AndUdp = 40 + 8;

    /// <summary>Sizes that path MTU discovery tries at most.</summary>
    private const int MaxProbes = 5;

    private readonly QuicParameters _parameters;
    private readonly ConnectionHandle _handle;
    private readonly ngtcp2_crypto_conn_ref* _connRef;
    private readonly bool _server;
    private CountedMemory* _memory;
    private GCHandle _self;
    private readonly CryptoLibrary _crypto;
    private QuicTls? _tls;
    private CloseReason _close;
    private bool _disposed;

    private protected nint Native { get; }

    /// <summary>The libraries' allocator; null for their own.</summary>
    private protected void* Allocator => _memory;

    private protected nint SelfPointer => GCHandle.ToIntPtr(_self);

    /// <summary>Accepts a connection on the server's side.</summary>
    /// <param name="tls">Certificate and key.</param>
    /// <param name="parameters">What this side allows.</param>
    /// <param name="initial">The client's first packet, as <see cref="QuicPackets.Classify"/> read it.</param>
    /// <param name="sourceId">The connection ID that this side chose.</param>
    /// <param name="local">The address that the packet came to.</param>
    /// <param name="remote">The address that it came from.</param>
    /// <param name="now">The monotonic clock, in nanoseconds.</param>
    /// <exception cref="NativeLibraryException">ngtcp2 refused.</exception>
    protected QuicConnection(
        TlsContext tls, QuicParameters parameters, in InitialPacket initial, in ConnectionId sourceId,
        in SocketEndpoint local, in SocketEndpoint remote, ulong now)
    {
        _server = true;
        _crypto = tls.Crypto;
        _parameters = parameters;
        _self = GCHandle.Alloc(this);
        var scid = sourceId.ToNative();
        var dcid = initial.SourceId.ToNative();
        ngtcp2_transport_params transport;
        FillTransportParameters(&transport);
        transport.initial_max_streams_bidi = (ulong)parameters.InitialBidirectionalStreams;
        transport.original_dcid = initial.OriginalDestinationId.ToNative();
        transport.original_dcid_present = 1;
        if (initial.AfterRetry)
        {
            transport.retry_scid = initial.DestinationId.ToNative();
            transport.retry_scid_present = 1;
        }
        transport.stateless_reset_token_present = 1;
        QuicPackets.WriteResetToken(parameters.ResetSecret.Span, &scid, (byte*)&transport.stateless_reset_token);

        var versions = stackalloc uint[2] { Ngtcp2Constants.NGTCP2_PROTO_VER_V1, Ngtcp2Constants.NGTCP2_PROTO_VER_V2 };
        var probes = stackalloc ushort[MaxProbes];
        ngtcp2_settings settings;
        FillSettings(&settings, now, versions, probes);
        var scratch = PathScratch.Current;
        scratch.Set(local, remote, 0);
        nint connection;
        int result;
        _memory = CountedMemory.Create();
        fixed (byte* token = initial.Token)
        {
            settings.token = token;
            settings.tokenlen = (nuint)initial.Token.Length;
            settings.token_type = initial.AfterRetry
                ? Ngtcp2Constants.NGTCP2_TOKEN_TYPE_RETRY : Ngtcp2Constants.NGTCP2_TOKEN_TYPE_NEW_TOKEN;
            if (!initial.TokenValid)
            {
                settings.token = null;
                settings.tokenlen = 0;
                settings.token_type = 0;
            }
            result = ngtcp2_conn_server_new_versioned(
                &connection, &dcid, &scid, scratch.Path, initial.Version, Ngtcp2Constants.NGTCP2_CALLBACKS_VERSION,
                CallbackTable.Server(_crypto, parameters.Protection), Ngtcp2Constants.NGTCP2_SETTINGS_VERSION, &settings,
                Ngtcp2Constants.NGTCP2_TRANSPORT_PARAMS_VERSION, &transport, _memory, GCHandle.ToIntPtr(_self));
        }

        Adopt(result, connection, tls, null).Deconstruct(out _handle, out _connRef, out var native);
        Native = native;
    }

    /// <summary>Starts a connection on the client's side.</summary>
    /// <param name="tls">Trust.</param>
    /// <param name="serverName">The name asked for, and verified where <paramref name="tls"/> says so.</param>
    /// <param name="parameters">What this side allows.</param>
    /// <param name="version">The QUIC version to begin with.</param>
    /// <param name="sourceId">The connection ID that this side chose.</param>
    /// <param name="local">This side's address.</param>
    /// <param name="remote">The server's address.</param>
    /// <param name="now">The monotonic clock, in nanoseconds.</param>
    /// <exception cref="NativeLibraryException">ngtcp2 refused.</exception>
    protected QuicConnection(
        TlsContext tls, string serverName, QuicParameters parameters, uint version, in ConnectionId sourceId,
        in SocketEndpoint local, in SocketEndpoint remote, ulong now)
    {
        _crypto = tls.Crypto;
        _parameters = parameters;
        _self = GCHandle.Alloc(this);
        var scid = sourceId.ToNative();
        Span<byte> random = stackalloc byte[18];
        System.Security.Cryptography.RandomNumberGenerator.Fill(random);
        var dcid = new ConnectionId(random).ToNative();
        ngtcp2_transport_params transport;
        FillTransportParameters(&transport);
        var versions = stackalloc uint[2] { Ngtcp2Constants.NGTCP2_PROTO_VER_V1, Ngtcp2Constants.NGTCP2_PROTO_VER_V2 };
        var probes = stackalloc ushort[MaxProbes];
        ngtcp2_settings settings;
        FillSettings(&settings, now, versions, probes);
        var scratch = PathScratch.Current;
        scratch.Set(local, remote, 0);
        nint connection;
        int result;
        fixed (byte* token = parameters.Token.Span)
        {
            settings.token = token;
            settings.tokenlen = (nuint)parameters.Token.Length;
            settings.token_type = Ngtcp2Constants.NGTCP2_TOKEN_TYPE_NEW_TOKEN;
            result = ngtcp2_conn_client_new_versioned(
                &connection, &dcid, &scid, scratch.Path, version, Ngtcp2Constants.NGTCP2_CALLBACKS_VERSION,
                CallbackTable.Client(_crypto, parameters.Protection), Ngtcp2Constants.NGTCP2_SETTINGS_VERSION, &settings,
                Ngtcp2Constants.NGTCP2_TRANSPORT_PARAMS_VERSION, &transport, null, GCHandle.ToIntPtr(_self));
        }
        Adopt(result, connection, tls, serverName).Deconstruct(out _handle, out _connRef, out var native);
        Native = native;
    }

    /// <summary>Where the connection is in its life.</summary>
    public QuicState State { get; private set; }

    /// <summary>Why it ended; meaningful once <see cref="State"/> says that it did.</summary>
    public ref readonly CloseReason CloseReason => ref _close;

    /// <summary>
    /// When <see cref="HandleExpiry"/> is due, in nanoseconds; <see cref="ulong.MaxValue"/> for never.
    /// </summary>
    public ulong Expiry
    {
        get
        {
            var expiry = Math.Min(ngtcp2_conn_get_expiry(Native), IdleExpiry);
            return _datagramWaits ? Math.Min(expiry, _waitEnds) : expiry;
        }
    }

    /// <summary>The probe timeout, in nanoseconds (RFC 9002 §6.2.1).</summary>
    public ulong ProbeTimeout => ngtcp2_conn_get_pto(Native);

    /// <summary>
    /// Bytes that the libraries asked for while they read the other side's packets, and still hold: of an accepted connection that is
    /// not disposed, else 0.
    /// </summary>
    public long InputBytes => _memory is null ? 0 : _memory->Input;

    /// <summary>The QUIC version in use.</summary>
    public uint Version => ngtcp2_conn_get_negotiated_version(Native);

    /// <summary>
    /// Ends the connection: what <see cref="WriteClose"/> writes next says so with an application error code.
    /// </summary>
    /// <param name="applicationError">For example H3_NO_ERROR (RFC 9114 §8.1).</param>
    public void Close(ulong applicationError)
    {
        if (State is QuicState.Handshaking or QuicState.Open)
            End(QuicState.Closing, new CloseReason(CloseKind.Application, applicationError, 0));
    }

    /// <summary>Frees the native state. Callbacks do not run any more.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        // Whoever still holds a reference, such as a tunnel that drains, finds it ended.
        End(QuicState.Lost, new CloseReason(CloseKind.Dropped, 0, 0));
        Dispose(true);
        FreeTls();
        _memory = null;
        _handle.Dispose();
        _self.Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>For derived classes: runs before the native state is freed.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }

    private protected void End(QuicState state, in CloseReason reason)
    {
        if (State is not (QuicState.Handshaking or QuicState.Open))
            return;
        State = state;
        _close = reason;
    }

    private Adopted Adopt(int result, nint connection, TlsContext tls, string? serverName)
    {
        if (result != 0)
        {
            CountedMemory.Free(_memory);
            _self.Free();
            throw new NativeLibraryException($"ngtcp2 refused a connection: {ErrorText(result)}");
        }
        var handle = new ConnectionHandle(connection, _memory);
        var connRef = (ngtcp2_crypto_conn_ref*)NativeMemory.Alloc((nuint)sizeof(ngtcp2_crypto_conn_ref));
        connRef->get_conn = &GetConnection;
        connRef->user_data = SelfPointer;
        try
        {
            _tls = tls.CreateQuicSession(
                serverName, connRef, _parameters.Protection.Keys is null ? default : OwnSecrets);
            ngtcp2_conn_set_tls_native_handle(connection, _tls.NativeHandle);
            return new Adopted(handle, connRef, connection);
        }
        catch
        {
            NativeMemory.Free(connRef);
            handle.Dispose();
            _self.Free();
            throw;
        }
    }

    /// <summary>
    /// A quarter of an idle connection's memory: after the handshake, packet protection needs the session no more.
    /// </summary>
    private void FreeTls()
    {
        if (_tls is null)
            return;
        ngtcp2_conn_set_tls_native_handle(Native, 0);
        _tls.Dispose();
        _tls = null;
        NativeMemory.Free(_connRef);
    }

    private void FillTransportParameters(ngtcp2_transport_params* transport)
    {
        ngtcp2_transport_params_default_versioned(Ngtcp2Constants.NGTCP2_TRANSPORT_PARAMS_VERSION, transport);
        transport->initial_max_data = (ulong)_parameters.InitialConnectionWindow;
        transport->initial_max_stream_data_bidi_local = (ulong)_parameters.InitialStreamWindow;
        transport->initial_max_stream_data_bidi_remote = (ulong)_parameters.InitialRequestWindow;
        transport->initial_max_stream_data_uni = 64 * 1024;
        // RFC 9114 §6.2: "endpoints MUST … allow … at least three unidirectional streams"; more are for extensions.
        transport->initial_max_streams_uni = 8;
        transport->max_idle_timeout = _parameters.IdleTimeout;
        transport->max_datagram_frame_size = (ulong)_parameters.MaxDatagramFrame;
        transport->grease_quic_bit = 1;
    }

    private void FillSettings(ngtcp2_settings* settings, ulong now, uint* versions, ushort* probes)
    {
        ngtcp2_settings_default_versioned(Ngtcp2Constants.NGTCP2_SETTINGS_VERSION, settings);
        settings->cc_algo = Ngtcp2Constants.NGTCP2_CC_ALGO_CUBIC;
        settings->initial_ts = now;
        settings->max_tx_udp_payload_size = (nuint)_parameters.MaxUdpPayload;
        settings->max_window = (ulong)_parameters.MaxConnectionWindow;
        settings->max_stream_window = (ulong)_parameters.MaxStreamWindow;
        settings->handshake_timeout = _parameters.HandshakeTimeout;
        settings->available_versions = versions;
        settings->available_versionslen = 2;
        var count = 0;
        // In this order: an inner QUIC handshake cannot wait until three larger probes, one after the other, are lost,
        // and over a path of MTU 1280, such as phones' VPNs have, the first two are all there is to gain.
        foreach (var probe in (ReadOnlySpan<int>)[
            LeastMtu - IPv6AndUdp, LeastMtu - IPv4AndUdp, _parameters.MaxUdpPayload, 1392, 1280])
        {
            if (probe > MinimumPayload && probe <= _parameters.MaxUdpPayload)
                probes[count++] = (ushort)probe;
        }
        settings->pmtud_probes = probes;
        settings->pmtud_probeslen = (nuint)count;
        settings->no_pmtud = count == 0 ? (byte)1 : (byte)0;
    }

    private static string ErrorText(int error) => $"{NativeLibraries.Text(ngtcp2_strerror(error))} ({error})";

    private readonly struct Adopted(ConnectionHandle handle, ngtcp2_crypto_conn_ref* connRef, nint native)
    {
        internal void Deconstruct(out ConnectionHandle h, out ngtcp2_crypto_conn_ref* r, out nint n)
        {
            h = handle;
            r = connRef;
            n = native;
        }
    }
}
