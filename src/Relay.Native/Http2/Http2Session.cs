using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Relay.Native.Http3;
using Relay.Native.Nghttp2;
using static Relay.Native.Nghttp2.NativeMethods;
using static Relay.Native.Nghttp2.Nghttp2Constants;

namespace Relay.Native.Http2;

/// <summary>
/// One side of an HTTP/2 connection (RFC 9113): nghttp2 without a socket. Bytes go in by <see cref="Receive"/> and come
/// out by <see cref="Send"/>; streams are objects of the derived class's choice. Not thread-safe.
/// </summary>
public abstract unsafe partial class Http2Session : IDisposable
{
    /// <summary>The largest payload of a DATA frame that is sent, in bytes: with its header, one TLS record.</summary>
    public const int MaxDataLength = (16 * 1024) - FrameHeaderLength;

    private const int FrameHeaderLength = 9;

    private readonly Http2Parameters _parameters;
    private readonly bool _server;
    private readonly Dictionary<int, Http2Stream> _streams = [];
    private GCHandle _self;
    private readonly Http2Handle? _handle;
    private Http2Stream? _lastStream;
    private nint _native;
    private Exception? _defect;

    /// <summary>Begins a session: the connection's first frames are there to be sent.</summary>
    /// <param name="server">Whether this is the server's side.</param>
    /// <param name="parameters">What is announced.</param>
    protected Http2Session(bool server, Http2Parameters parameters)
    {
        _server = server;
        _parameters = parameters;
        _self = GCHandle.Alloc(this);
        try
        {
            _native = Http2Setup.Create(server, GCHandle.ToIntPtr(_self));
            _handle = new Http2Handle(_native);
            SubmitSettings();
            GrowWindow(parameters.InitialConnectionWindow);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Streams that are not closed.</summary>
    public int StreamCount => _streams.Count;

    /// <summary>Streams that are not closed; not to be walked while bytes are received or sent.</summary>
    protected IReadOnlyCollection<Http2Stream> Streams => _streams.Values;

    /// <summary>Whether the other side's SETTINGS have arrived.</summary>
    public bool HasPeerSettings { get; private set; }

    /// <summary>Whether the other side takes Extended CONNECT (RFC 8441 §3).</summary>
    public bool PeerTakesExtendedConnect => IsUsable
        && nghttp2_session_get_remote_settings(_native, NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) == 1;

    /// <summary>Whether a client may ask for something: it has neither got nor sent GOAWAY.</summary>
    public bool TakesRequests => IsUsable && nghttp2_session_check_request_allowed(_native) != 0;

    /// <summary>Frames but DATA that wait to be sent.</summary>
    public int QueuedFrames => IsUsable ? (int)nghttp2_session_get_outbound_queue_size(_native) : 0;

    private bool IsUsable => _native != 0;

    /// <summary>A request arrives on a new stream.</summary>
    /// <param name="id">The stream ID.</param>
    /// <returns>Null to refuse it, unseen (REFUSED_STREAM).</returns>
    protected virtual Http2Stream? CreateStream(int id) => throw new NotSupportedException("a client takes no streams");

    /// <summary>The other side's SETTINGS arrived.</summary>
    protected virtual void OnSettings()
    {
    }

    /// <summary>The other side answered a PING.</summary>
    protected virtual void OnPong()
    {
    }

    /// <summary>The other side announced the end of the connection, or ended it.</summary>
    protected virtual void OnGoAway(uint errorCode)
    {
    }

    /// <summary>A DATA frame was given out.</summary>
    /// <param name="length">Of its payload, in bytes.</param>
    /// <param name="cutShort">Whether a window had no room for more.</param>
    protected virtual void OnDataSent(int length, bool cutShort)
    {
    }

    /// <summary>nghttp2 itself reset a stream, or refused it: what the other side did was wrong, or too much.</summary>
    protected virtual void OnResetByLibrary(uint errorCode)
    {
    }

    /// <summary>nghttp2 itself ends the connection: what the other side did was wrong, or too much.</summary>
    protected virtual void OnEndedByLibrary(uint errorCode)
    {
    }

    /// <summary>An open stream, or null.</summary>
    public Http2Stream? FindStream(int id)
    {
        if (_lastStream is { } last && last.Id == id)
            return last;
        if (!_streams.TryGetValue(id, out var stream))
            return null;
        _lastStream = stream;
        return stream;
    }

    /// <summary>Asks the other side for a sign of life (RFC 9113 §6.7).</summary>
    public void Ping()
    {
        if (IsUsable)
            _ = nghttp2_submit_ping(_native, NGHTTP2_FLAG_NONE, null);
    }

    /// <summary>
    /// Sends a request's header section, once the other side allows another stream; the body is pulled. Only while
    /// <see cref="TakesRequests"/>.
    /// </summary>
    protected void SubmitRequest(Http2Stream stream, HeaderBlock headers)
    {
        var provider = new nghttp2_data_provider { read_callback = Http2Callbacks.ReadData };
        var fields = stackalloc nghttp2_nv[headers.Count];
        fixed (byte* bytes = headers.Bytes)
        {
            Fill(fields, bytes, headers);
            var id = nghttp2_submit_request(_native, null, fields, (nuint)headers.Count, &provider, 0);
            Http2Setup.ThrowIfError(Math.Min(id, 0));
            stream.Id = id;
            _streams.Add(id, stream);
        }
    }

    internal void SubmitResponse(int id, HeaderBlock headers, bool withBody)
    {
        if (!IsUsable)
            return;
        var provider = new nghttp2_data_provider { read_callback = Http2Callbacks.ReadData };
        var fields = stackalloc nghttp2_nv[headers.Count];
        fixed (byte* bytes = headers.Bytes)
        {
            Fill(fields, bytes, headers);
            Http2Setup.ThrowIfError(nghttp2_submit_response(
                _native, id, fields, (nuint)headers.Count, withBody ? &provider : null));
        }
    }

    internal void ResumeStream(int id)
    {
        if (IsUsable)
            _ = nghttp2_session_resume_data(_native, id);
    }

    internal void ResetStream(int id, uint errorCode)
    {
        if (IsUsable)
            _ = nghttp2_submit_rst_stream(_native, NGHTTP2_FLAG_NONE, id, errorCode);
    }

    // Within nghttp2, through which nothing may be thrown: it must not need memory, which is perhaps what has failed.
    internal void FailCallback(Exception exception) => _defect ??= exception;

    private void ThrowDefect()
    {
        if (_defect is not null)
            ExceptionDispatchInfo.Throw(_defect);
    }

    /// <summary>The connection is gone: closes every stream that is left.</summary>
    /// <param name="most">How many at most.</param>
    protected void CloseStreams(int most)
    {
        _lastStream = null;
        ExceptionDispatchInfo? defect = null;
        // What may be removed meanwhile is what it is at.
        foreach (var (id, stream) in _streams)
        {
            if (most-- == 0)
                break;
            _streams.Remove(id);
            try
            {
                stream.Close(CodeReceived ?? CodeSent ?? NGHTTP2_NO_ERROR);
            }
            catch (Exception e)
            {
                // The others must not stay open for it.
                defect ??= ExceptionDispatchInfo.Capture(e);
            }
        }
        defect?.Throw();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the session; streams that are left are closed.</summary>
    protected virtual void Dispose(bool disposing)
    {
        _native = 0;
        _restLength = 0;
        CloseStreams(int.MaxValue);
        _handle?.Dispose();
        if (_self.IsAllocated)
            _self.Free();
    }

    private void SubmitSettings()
    {
        var entries = stackalloc nghttp2_settings_entry[6];
        var count = 0;
        void Add(nghttp2_settings_entry* to, int id, int value) =>
            to[count++] = new nghttp2_settings_entry { settings_id = id, value = (uint)value };
        Add(entries, NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, _parameters.MaxFieldSection);
        if (_server)
        {
            Add(entries, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, _parameters.MaxConcurrentStreams);
            Add(entries, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, _parameters.InitialRequestWindow);
            Add(entries, NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1);
            // RFC 9113 §5.3.2: the old priorities are deprecated; here no stream goes before another.
            Add(entries, NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1);
        }
        else
        {
            Add(entries, NGHTTP2_SETTINGS_ENABLE_PUSH, 0);
            Add(entries, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, _parameters.InitialStreamWindow);
        }
        Http2Setup.ThrowIfError(nghttp2_submit_settings(_native, NGHTTP2_FLAG_NONE, entries, (nuint)count));
    }

    private static void Fill(nghttp2_nv* fields, byte* bytes, HeaderBlock headers)
    {
        var index = 0;
        foreach (var (start, nameLength, valueLength) in headers.Fields)
        {
            fields[index++] = new nghttp2_nv
            {
                name = bytes + start,
                namelen = (nuint)nameLength,
                value = bytes + start + nameLength,
                valuelen = (nuint)valueLength,
            };
        }
    }
}
