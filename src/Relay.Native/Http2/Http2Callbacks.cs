using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Relay.Native.Nghttp2;
using static Relay.Native.Nghttp2.NativeMethods;
using static Relay.Native.Nghttp2.Nghttp2Constants;

namespace Relay.Native.Http2;

/// <summary>nghttp2's callbacks, as thin as they can be: find the session, call it, keep exceptions in.</summary>
internal static unsafe class Http2Callbacks
{
    internal static readonly nint ReadData =
        (nint)(delegate* unmanaged[Cdecl]<nint, int, byte*, nuint, uint*, nint, nint, nint>)&OnReadData;

    internal static nint Create()
    {
        nint table;
        Http2Setup.ThrowIfError(nghttp2_session_callbacks_new(&table));
        nghttp2_session_callbacks_set_on_begin_headers_callback(
            table, (nint)(delegate* unmanaged[Cdecl]<nint, nghttp2_headers*, nint, int>)&OnBeginHeaders);
        nghttp2_session_callbacks_set_on_header_callback(
            table,
            (nint)(delegate* unmanaged[Cdecl]<
                nint, nghttp2_headers*, byte*, nuint, byte*, nuint, byte, nint, int>)&OnHeader);
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
            table, (nint)(delegate* unmanaged[Cdecl]<nint, byte, int, byte*, nuint, nint, int>)&OnData);
        nghttp2_session_callbacks_set_on_frame_recv_callback(
            table, (nint)(delegate* unmanaged[Cdecl]<nint, nghttp2_frame_hd*, nint, int>)&OnFrameReceived);
        nghttp2_session_callbacks_set_on_frame_send_callback(
            table, (nint)(delegate* unmanaged[Cdecl]<nint, nghttp2_frame_hd*, nint, int>)&OnFrameSent);
        nghttp2_session_callbacks_set_on_stream_close_callback(
            table, (nint)(delegate* unmanaged[Cdecl]<nint, int, uint, nint, int>)&OnStreamClose);
        nghttp2_session_callbacks_set_data_source_read_length_callback(
            table, (nint)(delegate* unmanaged[Cdecl]<nint, byte, int, int, int, uint, nint, nint>)&OnReadLength);
        return table;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Http2Session From(nint userData) =>
        Unsafe.As<Http2Session>(GCHandle.FromIntPtr(userData).Target)!;

    private static int Run<T>(nint userData, T what, Action<Http2Session, T> call)
    {
        var session = From(userData);
        try
        {
            call(session, what);
            return 0;
        }
        catch (Exception e)
        {
            return Failure(session, e);
        }
    }

    private static int Failure(Http2Session session, Exception exception)
    {
        session.FailCallback(exception);
        return NGHTTP2_ERR_CALLBACK_FAILURE;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnBeginHeaders(nint native, nghttp2_headers* frame, nint userData) =>
        Run(
            userData, (Stream: frame->hd.stream_id, Category: frame->cat),
            static (session, begun) => session.BeginHeaders(begun.Stream, begun.Category));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnHeader(
        nint native, nghttp2_headers* frame, byte* name, nuint nameLength, byte* value, nuint valueLength, byte flags,
        nint userData)
    {
        var session = From(userData);
        try
        {
            session.Header(
                frame->hd.stream_id, frame->cat, new ReadOnlySpan<byte>(name, (int)nameLength),
                new ReadOnlySpan<byte>(value, (int)valueLength));
            return session.IsTerminating ? NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE : 0;
        }
        catch (Exception e)
        {
            return Failure(session, e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnData(nint native, byte flags, int stream, byte* data, nuint length, nint userData)
    {
        var session = From(userData);
        try
        {
            session.Body(stream, new ReadOnlySpan<byte>(data, (int)length));
            return 0;
        }
        catch (Exception e)
        {
            return Failure(session, e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnFrameReceived(nint native, nghttp2_frame_hd* frame, nint userData) =>
        Run(userData, (nint)frame, static (session, frame) => session.FrameReceived((nghttp2_frame_hd*)frame));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnFrameSent(nint native, nghttp2_frame_hd* frame, nint userData) =>
        Run(userData, (nint)frame, static (session, frame) => session.FrameSent((nghttp2_frame_hd*)frame));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnStreamClose(nint native, int stream, uint code, nint userData) =>
        Run(userData, (stream, code), static (session, closed) => session.StreamClosed(closed.stream, closed.code));

    // A DATA frame with its header is one TLS record.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint OnReadLength(
        nint native, byte type, int stream, int connectionWindow, int streamWindow, uint maxFrame, nint userData) =>
        Http2Session.MaxDataLength;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint OnReadData(
        nint native, int stream, byte* buffer, nuint length, uint* flags, nint source, nint userData)
    {
        var session = From(userData);
        try
        {
            return session.ReadBody(stream, new Span<byte>(buffer, (int)length), flags);
        }
        catch (Exception e)
        {
            return Failure(session, e);
        }
    }
}
