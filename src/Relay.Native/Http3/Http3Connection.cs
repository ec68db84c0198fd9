using Relay.Native.Linux;
using Relay.Native.Nghttp3;
using Relay.Native.Quic;
using Relay.Native.Tls;
using static Relay.Native.Nghttp3.NativeMethods;
using Ngtcp2Methods = Relay.Native.Ngtcp2.NativeMethods;

namespace Relay.Native.Http3;

/// <summary>
/// An HTTP/3 connection (RFC 9114): nghttp3 over <see cref="QuicConnection"/>. Streams are objects of the derived
/// class's choice.
/// </summary>
public abstract unsafe partial class Http3Connection : QuicConnection
{
    private readonly QuicParameters _parameters;
    private readonly bool _server;
    private readonly Dictionary<long, Http3Stream> _streams = [];
    private Http3Stream? _lastStream;
    private Http3Handle? _handle;
    private nint _http;
    private bool _hasMore;
    private bool _writing;
    private bool _pulled;
    private List<(Http3Stream Stream, ulong Code)>? _deferredResets;
    private List<long>? _stoppedStreams;

    /// <summary>Accepts a connection on the server's side; see <see cref="QuicConnection"/>.</summary>
    protected Http3Connection(
        TlsContext tls, QuicParameters parameters, BlockPool blocks, in InitialPacket initial, in ConnectionId sourceId,
        in SocketEndpoint local, in SocketEndpoint remote, ulong now)
        : base(tls, parameters, initial, sourceId, local, remote, now)
    {
        _server = true;
        _parameters = parameters;
        _granted = parameters.InitialBidirectionalStreams;
        Blocks = blocks;
    }

    /// <summary>Starts a connection on the client's side; see <see cref="QuicConnection"/>.</summary>
    protected Http3Connection(
        TlsContext tls, string serverName, QuicParameters parameters, BlockPool blocks, uint version,
        in ConnectionId sourceId, in SocketEndpoint local, in SocketEndpoint remote, ulong now)
        : base(tls, serverName, parameters, version, sourceId, local, remote, now)
    {
        _parameters = parameters;
        Blocks = blocks;
    }

    /// <summary>
    /// nghttp3's connection, for every call that may give it something to say: turns of writing ask it until it has nothing, and not
    /// again before.
    /// </summary>
    private nint Http
    {
        get
        {
            _hasMore = true;
            return _http;
        }
    }

    /// <summary>How often nghttp3 was asked what is next: not in turns before which all that happened were datagrams.</summary>
    internal long Questions { get; private set; }

    /// <summary>Memory of what is sent and unacknowledged.</summary>
    public BlockPool Blocks { get; }

    /// <summary>Whether the other side's SETTINGS announced HTTP datagrams (RFC 9297 §2.1.1).</summary>
    public bool PeerTakesDatagrams { get; private set; }

    /// <summary>Whether the other side's SETTINGS have arrived.</summary>
    public bool PeerSettingsReceived { get; private set; }

    /// <summary>The other side's SETTINGS, once they have arrived.</summary>
    public PeerSettings PeerSettings { get; private set; }

    /// <summary>Bytes of bodies that arrived and that nobody has consumed.</summary>
    public long Unconsumed { get; internal set; }

    /// <summary>Streams that are not closed.</summary>
    public int StreamCount => _streams.Count;

    /// <summary>Streams that are not closed; not to be walked while packets are read or written.</summary>
    protected IReadOnlyCollection<Http3Stream> Streams => _streams.Values;

    /// <summary>A request arrived on a new stream.</summary>
    /// <param name="id">The QUIC stream ID.</param>
    protected abstract Http3Stream CreateStream(long id);

    /// <summary>A request stream closed on which no request ever began.</summary>
    /// <param name="id">The QUIC stream ID.</param>
    protected virtual void OnStreamWithoutRequest(long id)
    {
    }

    /// <summary>The other side's SETTINGS arrived.</summary>
    protected virtual void OnSettings()
    {
    }

    /// <summary>The other side announced the end of the connection with GOAWAY.</summary>
    protected virtual void OnGoAway()
    {
    }

    /// <summary>An open stream, or null.</summary>
    public Http3Stream? FindStream(long id)
    {
        if (_lastStream is { } last && last.Id == id)
            return last;
        if (!_streams.TryGetValue(id, out var stream))
            return null;
        _lastStream = stream;
        return stream;
    }

    /// <summary>Announces the end: GOAWAY with the highest possible identifier (RFC 9114 §5.2).</summary>
    public void AnnounceShutdown()
    {
        if (_http != 0)
            _ = nghttp3_conn_submit_shutdown_notice(Http);
    }

    /// <summary>Sends the final GOAWAY: requests that had not arrived are rejected from now on.</summary>
    public void RefuseRequests()
    {
        if (_http != 0)
            _ = nghttp3_conn_shutdown(Http);
    }

    /// <summary>Opens a request stream.</summary>
    /// <returns>False when the other side allows no more streams at the moment.</returns>
    protected bool TryOpenStream(out long id)
    {
        long stream;
        var result = Ngtcp2Methods.ngtcp2_conn_open_bidi_stream(Native, &stream, null);
        id = result == 0 ? stream : -1;
        return result == 0;
    }

    /// <summary>Sends a request's header section; the body is pulled.</summary>
    protected void SubmitRequest(Http3Stream stream, HeaderBlock headers)
    {
        var reader = new nghttp3_data_reader { read_data = Http3Callbacks.ReadData };
        _streams.Add(stream.Id, stream);
        AllowSections(_streams.Count);
        var fields = stackalloc nghttp3_nv[headers.Count];
        fixed (byte* bytes = headers.Bytes)
        {
            Fill(fields, bytes, headers);
            ThrowIfError(nghttp3_conn_submit_request(
                Http, stream.Id, fields, (nuint)headers.Count, &reader, null));
        }
    }

    internal void SubmitResponse(long id, HeaderBlock headers, bool withBody)
    {
        var reader = new nghttp3_data_reader { read_data = Http3Callbacks.ReadData };
        var fields = stackalloc nghttp3_nv[headers.Count];
        fixed (byte* bytes = headers.Bytes)
        {
            Fill(fields, bytes, headers);
            ThrowIfError(nghttp3_conn_submit_response(
                Http, id, fields, (nuint)headers.Count, withBody ? &reader : null));
        }
    }

    internal void ResumeStream(long id)
    {
        if (_http != 0)
            _ = nghttp3_conn_resume_stream(Http, id);
    }

    internal void Credit(long id, long length)
    {
        if (State is not (QuicState.Handshaking or QuicState.Open))
            return;
        if (id >= 0)
            _ = Ngtcp2Methods.ngtcp2_conn_extend_max_stream_offset(Native, id, (ulong)length);
        Ngtcp2Methods.ngtcp2_conn_extend_max_offset(Native, (ulong)length);
    }

    internal void OpenWindow(long id)
    {
        var more = _parameters.InitialStreamWindow - _parameters.InitialRequestWindow;
        if (more > 0 && State is (QuicState.Handshaking or QuicState.Open))
            _ = Ngtcp2Methods.ngtcp2_conn_extend_max_stream_offset(Native, id, (ulong)more);
    }

    internal void ShutdownSend(Http3Stream stream, ulong code)
    {
        // Inside nghttp3's own call the stream's state is in use: after it.
        if (_writing)
        {
            (_deferredResets ??= []).Add((stream, code));
            return;
        }
        RecordForgotten(stream.TakeUnacknowledged(long.MaxValue));
        _ = Ngtcp2Methods.ngtcp2_conn_shutdown_stream_write(Native, 0, stream.Id, code);
        if (_http != 0)
            nghttp3_conn_shutdown_stream_write(Http, stream.Id);
    }

    internal void ShutdownReceive(long id, ulong code)
    {
        _ = Ngtcp2Methods.ngtcp2_conn_shutdown_stream_read(Native, 0, id, code);
        if (_http != 0)
            _ = nghttp3_conn_shutdown_stream_read(Http, id);
    }

    /// <summary>Closes streams of a connection that is over; all that are left are closed with it.</summary>
    /// <param name="most">How many at most.</param>
    public void CloseStreams(int most)
    {
        var code = CloseReason.Kind == CloseKind.Application ? CloseReason.Code : 0;
        _lastStream = null;
        // What may be removed meanwhile is what it is at.
        foreach (var (id, stream) in _streams)
        {
            if (most-- == 0)
                return;
            _streams.Remove(id);
            try
            {
                stream.Close(code);
            }
            catch (Exception e)
            {
                // The others, and what is native, must not stay for it.
                OnCallbackException(e);
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        CloseStreams(int.MaxValue);
        _handle?.Dispose();
        _http = 0;
        base.Dispose(disposing);
    }

    private protected override void OnKeysReady()
    {
        if (_http != 0)
            return;
        nghttp3_settings settings;
        nghttp3_settings_default_versioned(Nghttp3Constants.NGHTTP3_SETTINGS_V1, &settings);
        settings.max_field_section_size = (ulong)_parameters.MaxFieldSection;
        settings.qpack_max_dtable_capacity = 4096;
        settings.qpack_blocked_streams = 16;
        settings.enable_connect_protocol = _server ? (byte)1 : (byte)0;
        settings.h3_datagram = _parameters.AnnounceDatagrams ? (byte)1 : (byte)0;
        nint http;
        var memory = Allocator is null ? nghttp3_mem_default() : Allocator;
        ThrowIfError(_server
            ? nghttp3_conn_server_new_versioned(
                &http, Nghttp3Constants.NGHTTP3_CALLBACKS_V1, Http3Callbacks.Table,
                Nghttp3Constants.NGHTTP3_SETTINGS_V1, &settings,
                memory, SelfPointer)
            : nghttp3_conn_client_new_versioned(
                &http, Nghttp3Constants.NGHTTP3_CALLBACKS_V1, Http3Callbacks.Table,
                Nghttp3Constants.NGHTTP3_SETTINGS_V1, &settings,
                memory, SelfPointer));
        _handle = new Http3Handle(http);
        _http = http;
        if (_server)
        {
            nghttp3_conn_set_max_client_streams_bidi(http, (ulong)_parameters.InitialBidirectionalStreams);
            AllowSections(_parameters.MaxBidirectionalStreams);
        }
        try
        {
            BindControlStreams();
        }
        catch
        {
            // Without its own control stream nghttp3 asserts on much of what it is asked.
            _http = 0;
            throw;
        }
    }

    /// <summary>
    /// QPACK acknowledges each field section, and nghttp3 fails the connection when more acknowledgements wait than it
    /// was told to expect; untold, a few hundred requests, or answers, in one burst of packets are too many.
    /// </summary>
    private void AllowSections(long streams) => nghttp3_conn_set_max_concurrent_streams(Http, (nuint)streams);

    private void BindControlStreams()
    {
        long control, encoder, decoder;
        // RFC 9114 §6.2: a peer that allows fewer than three unidirectional streams cannot speak HTTP/3.
        if (Ngtcp2Methods.ngtcp2_conn_open_uni_stream(Native, &control, null) != 0
            || Ngtcp2Methods.ngtcp2_conn_open_uni_stream(Native, &encoder, null) != 0
            || Ngtcp2Methods.ngtcp2_conn_open_uni_stream(Native, &decoder, null) != 0)
            throw new NativeLibraryException("the peer allows fewer than three unidirectional streams");
        ThrowIfError(nghttp3_conn_bind_control_stream(Http, control));
        ThrowIfError(nghttp3_conn_bind_qpack_streams(Http, encoder, decoder));
    }

    private static void Fill(nghttp3_nv* fields, byte* bytes, HeaderBlock headers)
    {
        var index = 0;
        foreach (var (start, nameLength, valueLength) in headers.Fields)
        {
            fields[index++] = new nghttp3_nv
            {
                name = bytes + start,
                namelen = (nuint)nameLength,
                value = bytes + start + nameLength,
                valuelen = (nuint)valueLength,
            };
        }
    }

    private static void ThrowIfError(int result)
    {
        if (result != 0)
            throw new NativeLibraryException($"nghttp3: {NativeLibraries.Text(nghttp3_strerror(result))} ({result})");
    }
}
