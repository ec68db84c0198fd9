using System.Runtime.InteropServices;

namespace Relay.Native.Nghttp3;

/// <summary>libnghttp3, verbatim: https://nghttp2.org/nghttp3/apiref.html.</summary>
internal static unsafe class NativeMethods
{
    internal const string Library = "libnghttp3.so.9";

    [DllImport(Library)]
    internal static extern nghttp3_info* nghttp3_version(int least_version);

    [DllImport(Library)]
    internal static extern byte* nghttp3_strerror(int liberr);

    [DllImport(Library)]
    internal static extern ulong nghttp3_err_infer_quic_app_error_code(int liberr);

    [DllImport(Library)]
    internal static extern void* nghttp3_mem_default();

    [DllImport(Library)]
    internal static extern void nghttp3_settings_default_versioned(int settings_version, nghttp3_settings* settings);

    [DllImport(Library)]
    internal static extern int nghttp3_conn_server_new_versioned(
        nint* pconn, int callbacks_version, nghttp3_callbacks* callbacks, int settings_version,
        nghttp3_settings* settings, void* mem, nint conn_user_data);

    [DllImport(Library)]
    internal static extern int nghttp3_conn_client_new_versioned(
        nint* pconn, int callbacks_version, nghttp3_callbacks* callbacks, int settings_version,
        nghttp3_settings* settings, void* mem, nint conn_user_data);

    [DllImport(Library)]
    internal static extern void nghttp3_conn_del(nint conn);

    [DllImport(Library)]
    internal static extern int nghttp3_conn_bind_control_stream(nint conn, long stream_id);

    [DllImport(Library)]
    internal static extern int nghttp3_conn_bind_qpack_streams(nint conn, long qenc_stream_id, long qdec_stream_id);

    [DllImport(Library)]
    internal static extern nint nghttp3_conn_read_stream(nint conn, long stream_id, byte* src, nuint srclen, int fin);

    [DllImport(Library)]
    internal static extern nint nghttp3_conn_writev_stream(
        nint conn, long* pstream_id, int* pfin, nghttp3_vec* vec, nuint veccnt);

    [DllImport(Library)]
    internal static extern int nghttp3_conn_add_write_offset(nint conn, long stream_id, nuint n);

    [DllImport(Library)]
    internal static extern int nghttp3_conn_add_ack_offset(nint conn, long stream_id, ulong n);

    [DllImport(Library)]
    internal static extern void nghttp3_conn_block_stream(nint conn, long stream_id);

    [DllImport(Library)]
    internal static extern int nghttp3_conn_unblock_stream(nint conn, long stream_id);

    [DllImport(Library)]
    internal static extern void nghttp3_conn_shutdown_stream_write(nint conn, long stream_id);

    [DllImport(Library)]
    internal static extern int nghttp3_conn_shutdown_stream_read(nint conn, long stream_id);

    [DllImport(Library)]
    internal static extern int nghttp3_conn_set_stream_user_data(nint conn, long stream_id, void* stream_user_data);

    [DllImport(Library)]
    internal static extern int nghttp3_conn_resume_stream(nint conn, long stream_id);

    [DllImport(Library)]
    internal static extern int nghttp3_conn_close_stream(nint conn, long stream_id, ulong app_error_code);

    [DllImport(Library)]
    internal static extern void nghttp3_conn_set_max_client_streams_bidi(nint conn, ulong max_streams);

    [DllImport(Library)]
    internal static extern void nghttp3_conn_set_max_concurrent_streams(nint conn, nuint max_concurrent_streams);

    [DllImport(Library)]
    internal static extern int nghttp3_conn_submit_request(
        nint conn, long stream_id, nghttp3_nv* nva, nuint nvlen, nghttp3_data_reader* dr, void* stream_user_data);

    [DllImport(Library)]
    internal static extern int nghttp3_conn_submit_response(
        nint conn, long stream_id, nghttp3_nv* nva, nuint nvlen, nghttp3_data_reader* dr);

    [DllImport(Library)]
    internal static extern int nghttp3_conn_submit_shutdown_notice(nint conn);

    [DllImport(Library)]
    internal static extern int nghttp3_conn_shutdown(nint conn);

    // Returns two fields of the buffer.
    [DllImport(Library), SuppressGCTransition]
    internal static extern nghttp3_vec nghttp3_rcbuf_get_buf(nint rcbuf);
}
