using Relay.Native.Quic;
using static Relay.Native.Nghttp2.NativeMethods;
using static Relay.Native.Nghttp2.Nghttp2Constants;

namespace Relay.Native.Http2;

/// <summary>What every session of the process is made with: nghttp2's options, and its callbacks. Built once.</summary>
internal static unsafe class Http2Setup
{
    /// <summary>
    /// Acknowledgements of PING and SETTINGS that may wait to be sent. A side that reads no more is stopped long before,
    /// as nothing is taken from it; this is what one piece of received bytes may call for.
    /// </summary>
    private const nuint MaxOutboundAcks = 4096;

    /// <summary>
    /// CONTINUATION frames of one header section: with MAX_FRAME_SIZE they carry far more than is taken. nghttp2 counts one
    /// whose header comes in pieces for as many, nine at most.
    /// </summary>
    private const nuint MaxContinuations = 8 * 9;

    private const nuint MaxSettings = 32;

    /// <summary>
    /// Above what a server may be told to allow by itself, which knows its own clock and what a connection is worth: it is to
    /// end who floods, and to count it.
    /// </summary>
    private const ulong ResetBurst = 12_000_000;
    private const ulong ResetRate = 1_000_000;

    internal static readonly nint Options = CreateOptions();
    internal static readonly nint Callbacks = Http2Callbacks.Create();

    internal static nint Create(bool server, nint userData)
    {
        nint session;
        var result = server
            ? nghttp2_session_server_new2(&session, Callbacks, userData, Options)
            : nghttp2_session_client_new2(&session, Callbacks, userData, Options);
        ThrowIfError(result);
        return session;
    }

    internal static void ThrowIfError(int result)
    {
        if (result == NGHTTP2_ERR_NOMEM)
            throw new InsufficientMemoryException("nghttp2 had no memory");
        if (result != 0)
            throw new NativeLibraryException($"nghttp2: {NativeLibraries.Text(nghttp2_strerror(result))} ({result})");
    }

    private static nint CreateOptions()
    {
        nint options;
        ThrowIfError(nghttp2_option_new(&options));
        nghttp2_option_set_no_auto_window_update(options, 1);
        // They are kept for priorities, which are not looked at.
        nghttp2_option_set_no_closed_streams(options, 1);
        nghttp2_option_set_max_outbound_ack(options, MaxOutboundAcks);
        nghttp2_option_set_max_settings(options, MaxSettings);
        nghttp2_option_set_max_continuations(options, MaxContinuations);
        nghttp2_option_set_stream_reset_rate_limit(options, ResetBurst, ResetRate);
        return options;
    }
}
