using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Relay.Native.Nghttp3;
using static Relay.Native.Nghttp3.NativeMethods;
using Ngtcp2Methods = Relay.Native.Ngtcp2.NativeMethods;

namespace Relay.Native.Http3;

/// <summary>nghttp3's callbacks, as thin as they can be: find the connection, call it, keep exceptions in.</summary>
internal static unsafe class Http3Callbacks
{
    internal static readonly nghttp3_callbacks* Table = Create();

    internal static readonly nint ReadData =
        (nint)(delegate* unmanaged[Cdecl]<nint, long, nghttp3_vec*, nuint, uint*, nint, nint, nint>)&OnReadData;

    private static nghttp3_callbacks* Create()
    {
        var table = (nghttp3_callbacks*)NativeMemory.AllocZeroed((nuint)sizeof(nghttp3_callbacks));
        table->acked_stream_data = (nint)(delegate* unmanaged[Cdecl]<nint, long, ulong, nint, nint, int>)&OnAcked;
        table->recv_data = (nint)(delegate* unmanaged[Cdecl]<nint, long, byte*, nuint, nint, nint, int>)&OnData;
        table->deferred_consume =
            (nint)(delegate* unmanaged[Cdecl]<nint, long, nuint, nint, nint, int>)&OnDeferredConsume;
        table->begin_headers = (nint)(delegate* unmanaged[Cdecl]<nint, long, nint, nint, int>)&OnBeginHeaders;
        table->recv_header =
            (nint)(delegate* unmanaged[Cdecl]<nint, long, int, nint, nint, byte, nint, nint, int>)&OnHeader;
        table->end_headers = (nint)(delegate* unmanaged[Cdecl]<nint, long, int, nint, nint, int>)&OnEndHeaders;
        table->end_stream = (nint)(delegate* unmanaged[Cdecl]<nint, long, nint, nint, int>)&OnEndStream;
        table->stop_sending = (nint)(delegate* unmanaged[Cdecl]<nint, long, ulong, nint, nint, int>)&OnStopSending;
        table->reset_stream = (nint)(delegate* unmanaged[Cdecl]<nint, long, ulong, nint, nint, int>)&OnResetStream;
        table->recv_settings = (nint)(delegate* unmanaged[Cdecl]<nint, nghttp3_settings*, nint, int>)&OnSettings;
        table->shutdown = (nint)(delegate* unmanaged[Cdecl]<nint, long, nint, int>)&OnShutdown;
        return table;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Http3Connection From(nint userData) =>
        Unsafe.As<Http3Connection>(GCHandle.FromIntPtr(userData).Target)!;

    private static int Run<T>(nint userData, T what, Action<Http3Connection, T> call)
    {
        var connection = From(userData);
        try
        {
            call(connection, what);
            return 0;
        }
        catch (Exception e)
        {
            return Failure(connection, e);
        }
    }

    private static int Failure(Http3Connection connection, Exception exception)
    {
        _ = connection.FailCallback(exception);
        return Nghttp3Constants.NGHTTP3_ERR_CALLBACK_FAILURE;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnAcked(nint http, long stream, ulong length, nint userData, nint streamData)
    {
        var connection = From(userData);
        try
        {
            connection.Release(stream, (long)length);
            return 0;
        }
        catch (Exception e)
        {
            return Failure(connection, e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnData(nint http, long stream, byte* data, nuint length, nint userData, nint streamData)
    {
        var connection = From(userData);
        try
        {
            connection.ReceiveBody(stream, data, length);
            return 0;
        }
        catch (Exception e)
        {
            return Failure(connection, e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnDeferredConsume(nint http, long stream, nuint length, nint userData, nint streamData)
    {
        From(userData).Credit(stream, (long)length);
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnBeginHeaders(nint http, long stream, nint userData, nint streamData) =>
        Run(userData, stream, static (connection, stream) => connection.BeginHeaders(stream));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnHeader(
        nint http, long stream, int token, nint name, nint value, byte flags, nint userData, nint streamData)
    {
        var connection = From(userData);
        try
        {
            var nameBytes = nghttp3_rcbuf_get_buf(name);
            var valueBytes = nghttp3_rcbuf_get_buf(value);
            connection.FindStream(stream)?.OnHeader(
                new ReadOnlySpan<byte>(nameBytes.@base, (int)nameBytes.len),
                new ReadOnlySpan<byte>(valueBytes.@base, (int)valueBytes.len));
            return connection.HasFailed ? Nghttp3Constants.NGHTTP3_ERR_CALLBACK_FAILURE : 0;
        }
        catch (Exception e)
        {
            return Failure(connection, e);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnEndHeaders(nint http, long stream, int fin, nint userData, nint streamData) =>
        Run(userData, (stream, fin), static (connection, request) =>
        {
            connection.RecordRequest(request.stream);
            connection.FindStream(request.stream)?.OnHeadersComplete(request.fin != 0);
        });

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnEndStream(nint http, long stream, nint userData, nint streamData) =>
        Run(userData, stream, static (connection, stream) => connection.FindStream(stream)?.OnEndOfStream());

    // nghttp3 found a malformed message, or a request behind GOAWAY: the stream's fault, not the connection's.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnStopSending(nint http, long stream, ulong code, nint userData, nint streamData)
    {
        _ = Ngtcp2Methods.ngtcp2_conn_shutdown_stream_read(From(userData).NativeConnection, 0, stream, code);
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnResetStream(nint http, long stream, ulong code, nint userData, nint streamData)
    {
        _ = Ngtcp2Methods.ngtcp2_conn_shutdown_stream_write(From(userData).NativeConnection, 0, stream, code);
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnSettings(nint http, nghttp3_settings* settings, nint userData) =>
        Run(userData, (nint)settings, static (connection, settings) => connection.Settings((nghttp3_settings*)settings));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnShutdown(nint http, long id, nint userData) =>
        Run(userData, id, static (connection, _) => connection.GoAway());

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint OnReadData(
        nint http, long stream, nghttp3_vec* vectors, nuint count, uint* flags, nint userData, nint streamData)
    {
        var connection = From(userData);
        try
        {
            return connection.ReadBody(stream, vectors, flags);
        }
        catch (Exception e)
        {
            return Failure(connection, e);
        }
    }
}
