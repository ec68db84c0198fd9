using System.Runtime.InteropServices;

namespace Relay.Native.Nghttp2;

/// <summary>libnghttp2, verbatim: https://nghttp2.org/documentation/apiref.html.</summary>
internal static unsafe class NativeMethods
{
    internal const string Library = "libnghttp2.so.14";

    [DllImport(Library)]
    internal static extern nghttp2_info* nghttp2_version(int least_version);

    [DllImport(Library)]
    internal static extern byte* nghttp2_strerror(int lib_error_code);

    [DllImport(Library)]
    internal static extern int nghttp2_session_callbacks_new(nint* callbacks_ptr);

    [DllImport(Library)]
    internal static extern void nghttp2_session_callbacks_set_on_begin_headers_callback(nint cbs, nint callback);

    [DllImport(Library)]
    internal static extern void nghttp2_session_callbacks_set_on_header_callback(nint cbs, nint callback);

    [DllImport(Library)]
    internal static extern void nghttp2_session_callbacks_set_on_data_chunk_recv_callback(nint cbs, nint callback);

    [DllImport(Library)]
    internal static extern void nghttp2_session_callbacks_set_on_frame_recv_callback(nint cbs, nint callback);

    [DllImport(Library)]
    internal static extern void nghttp2_session_callbacks_set_on_frame_send_callback(nint cbs, nint callback);

    [DllImport(Library)]
    internal static extern void nghttp2_session_callbacks_set_on_stream_close_callback(nint cbs, nint callback);

    [DllImport(Library)]
    internal static extern void nghttp2_session_callbacks_set_data_source_read_length_callback(
        nint cbs, nint callback);

    [DllImport(Library)]
    internal static extern int nghttp2_option_new(nint* option_ptr);

    [DllImport(Library)]
    internal static extern void nghttp2_option_set_no_auto_window_update(nint option, int val);

    [DllImport(Library)]
    internal static extern void nghttp2_option_set_no_closed_streams(nint option, int val);

    [DllImport(Library)]
    internal static extern void nghttp2_option_set_max_outbound_ack(nint option, nuint val);

    [DllImport(Library)]
    internal static extern void nghttp2_option_set_max_settings(nint option, nuint val);

    [DllImport(Library)]
    internal static extern void nghttp2_option_set_max_continuations(nint option, nuint val);

    [DllImport(Library)]
    internal static extern void nghttp2_option_set_stream_reset_rate_limit(nint option, ulong burst, ulong rate);

    [DllImport(Library)]
    internal static extern int nghttp2_session_server_new2(
        nint* session_ptr, nint callbacks, nint user_data, nint option);

    [DllImport(Library)]
    internal static extern int nghttp2_session_client_new2(
        nint* session_ptr, nint callbacks, nint user_data, nint option);

    [DllImport(Library)]
    internal static extern void nghttp2_session_del(nint session);

    [DllImport(Library)]
    internal static extern nint nghttp2_session_mem_send(nint session, byte** data_ptr);

    [DllImport(Library)]
    internal static extern nint nghttp2_session_mem_recv(nint session, byte* @in, nuint inlen);

    [DllImport(Library)]
    internal static extern int nghttp2_session_resume_data(nint session, int stream_id);

    [DllImport(Library)]
    internal static extern int nghttp2_session_want_read(nint session);

    [DllImport(Library)]
    internal static extern int nghttp2_session_want_write(nint session);

    [DllImport(Library)]
    internal static extern nuint nghttp2_session_get_outbound_queue_size(nint session);

    [DllImport(Library)]
    internal static extern uint nghttp2_session_get_remote_settings(nint session, int id);

    [DllImport(Library)]
    internal static extern int nghttp2_session_get_last_proc_stream_id(nint session);

    [DllImport(Library)]
    internal static extern int nghttp2_session_check_request_allowed(nint session);

    [DllImport(Library)]
    internal static extern int nghttp2_session_set_local_window_size(
        nint session, byte flags, int stream_id, int window_size);

    [DllImport(Library)]
    internal static extern int nghttp2_session_get_effective_recv_data_length(nint session);

    [DllImport(Library)]
    internal static extern int nghttp2_submit_window_update(
        nint session, byte flags, int stream_id, int window_size_increment);

    [DllImport(Library)]
    internal static extern int nghttp2_session_consume(nint session, int stream_id, nuint size);

    [DllImport(Library)]
    internal static extern int nghttp2_session_consume_connection(nint session, nuint size);

    [DllImport(Library)]
    internal static extern int nghttp2_session_change_extpri_stream_priority(
        nint session, int stream_id, nghttp2_extpri* extpri, int ignore_client_signal);

    [DllImport(Library)]
    internal static extern int nghttp2_session_terminate_session(nint session, uint error_code);

    [DllImport(Library)]
    internal static extern int nghttp2_submit_shutdown_notice(nint session);

    [DllImport(Library)]
    internal static extern int nghttp2_submit_goaway(
        nint session, byte flags, int last_stream_id, uint error_code, byte* opaque_data, nuint opaque_data_len);

    [DllImport(Library)]
    internal static extern int nghttp2_submit_settings(
        nint session, byte flags, nghttp2_settings_entry* iv, nuint niv);

    [DllImport(Library)]
    internal static extern int nghttp2_submit_ping(nint session, byte flags, byte* opaque_data);

    [DllImport(Library)]
    internal static extern int nghttp2_submit_rst_stream(nint session, byte flags, int stream_id, uint error_code);

    [DllImport(Library)]
    internal static extern int nghttp2_submit_response(
        nint session, int stream_id, nghttp2_nv* nva, nuint nvlen, nghttp2_data_provider* data_prd);

    [DllImport(Library)]
    internal static extern int nghttp2_submit_request(
        nint session, nghttp2_priority_spec* pri_spec, nghttp2_nv* nva, nuint nvlen,
        nghttp2_data_provider* data_prd, nint stream_user_data);
}
