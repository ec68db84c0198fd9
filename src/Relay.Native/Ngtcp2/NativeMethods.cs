using System.Runtime.InteropServices;

namespace Relay.Native.Ngtcp2;

/// <summary>
/// libngtcp2, verbatim: https://nghttp2.org/ngtcp2/apiref.html. The plain names of many functions are C macros; their
/// exports end in <c>_versioned</c> and take the version of each struct that they are given.
/// </summary>
internal static unsafe partial class NativeMethods
{
    internal const string Library = "libngtcp2.so.16";

    [DllImport(Library)]
    internal static extern ngtcp2_info* ngtcp2_version(int least_version);

    [DllImport(Library)]
    internal static extern byte* ngtcp2_strerror(int liberr);

    [DllImport(Library)]
    internal static extern void ngtcp2_settings_default_versioned(int settings_version, ngtcp2_settings* settings);

    [DllImport(Library)]
    internal static extern void ngtcp2_transport_params_default_versioned(
        int transport_params_version, ngtcp2_transport_params* @params);

    [DllImport(Library)]
    internal static extern int ngtcp2_conn_server_new_versioned(
        nint* pconn, ngtcp2_cid* dcid, ngtcp2_cid* scid, ngtcp2_path* path, uint client_chosen_version,
        int callbacks_version, ngtcp2_callbacks* callbacks, int settings_version, ngtcp2_settings* settings,
        int transport_params_version, ngtcp2_transport_params* @params, void* mem, nint user_data);

    [DllImport(Library)]
    internal static extern int ngtcp2_conn_client_new_versioned(
        nint* pconn, ngtcp2_cid* dcid, ngtcp2_cid* scid, ngtcp2_path* path, uint client_chosen_version,
        int callbacks_version, ngtcp2_callbacks* callbacks, int settings_version, ngtcp2_settings* settings,
        int transport_params_version, ngtcp2_transport_params* @params, void* mem, nint user_data);

    [DllImport(Library)]
    internal static extern void ngtcp2_conn_del(nint conn);

    [DllImport(Library)]
    internal static extern int ngtcp2_conn_read_pkt_versioned(
        nint conn, ngtcp2_path* path, int pkt_info_version, ngtcp2_pkt_info* pi, byte* pkt, nuint pktlen, ulong ts);

    [DllImport(Library)]
    internal static extern nint ngtcp2_conn_writev_stream_versioned(
        nint conn, ngtcp2_path* path, int pkt_info_version, ngtcp2_pkt_info* pi, byte* dest, nuint destlen,
        nint* pdatalen, uint flags, long stream_id, ngtcp2_vec* datav, nuint datavcnt, ulong ts);

    [DllImport(Library)]
    internal static extern nint ngtcp2_conn_writev_datagram_versioned(
        nint conn, ngtcp2_path* path, int pkt_info_version, ngtcp2_pkt_info* pi, byte* dest, nuint destlen,
        int* paccepted, uint flags, ulong dgram_id, ngtcp2_vec* datav, nuint datavcnt, ulong ts);

    [DllImport(Library)]
    internal static extern nint ngtcp2_conn_write_connection_close_versioned(
        nint conn, ngtcp2_path* path, int pkt_info_version, ngtcp2_pkt_info* pi, byte* dest, nuint destlen,
        ngtcp2_ccerr* ccerr, ulong ts);

    // Reads one field and calls nothing back: no transition, no callback, no blocking.
    [DllImport(Library), SuppressGCTransition]
    internal static extern ulong ngtcp2_conn_get_expiry(nint conn);

    [DllImport(Library)]
    internal static extern int ngtcp2_conn_handle_expiry(nint conn, ulong ts);

    // Arithmetic on the connection's own fields; calls nothing back.
    [DllImport(Library), SuppressGCTransition]
    internal static extern void ngtcp2_conn_update_pkt_tx_time(nint conn, ulong ts);

    // Arithmetic on the connection's own fields; calls nothing back.
    [DllImport(Library), SuppressGCTransition]
    internal static extern nuint ngtcp2_conn_get_send_quantum(nint conn);

    // Arithmetic on the connection's own fields.
    [DllImport(Library), SuppressGCTransition]
    internal static extern ulong ngtcp2_conn_get_cwnd_left(nint conn);

    // Arithmetic on the connection's own fields.
    [DllImport(Library), SuppressGCTransition]
    internal static extern ulong ngtcp2_conn_get_max_data_left(nint conn);

    // Looks up one stream; 0 for a stream that is not there.
    [DllImport(Library), SuppressGCTransition]
    internal static extern ulong ngtcp2_conn_get_max_stream_data_left(nint conn, long stream_id);

    // Reads one field.
    [DllImport(Library), SuppressGCTransition]
    internal static extern nuint ngtcp2_conn_get_path_max_tx_udp_payload_size(nint conn);

    // Returns the address of a field.
    [DllImport(Library), SuppressGCTransition]
    internal static extern ngtcp2_cid* ngtcp2_conn_get_dcid(nint conn);

    [DllImport(Library)]
    internal static extern ulong ngtcp2_conn_get_pto(nint conn);

    [DllImport(Library)]
    internal static extern ngtcp2_transport_params* ngtcp2_conn_get_remote_transport_params(nint conn);

    [DllImport(Library)]
    internal static extern int ngtcp2_conn_open_bidi_stream(nint conn, long* pstream_id, void* stream_user_data);

    [DllImport(Library)]
    internal static extern int ngtcp2_conn_open_uni_stream(nint conn, long* pstream_id, void* stream_user_data);

    [DllImport(Library)]
    internal static extern int ngtcp2_conn_shutdown_stream_write(
        nint conn, uint flags, long stream_id, ulong app_error_code);

    [DllImport(Library)]
    internal static extern int ngtcp2_conn_shutdown_stream_read(
        nint conn, uint flags, long stream_id, ulong app_error_code);

    // It may ask for memory, and so comes back to managed code.
    [DllImport(Library)]
    internal static extern int ngtcp2_conn_extend_max_stream_offset(nint conn, long stream_id, ulong datalen);

    // Arithmetic on the connection's own fields.
    [DllImport(Library), SuppressGCTransition]
    internal static extern void ngtcp2_conn_extend_max_offset(nint conn, ulong datalen);

    [DllImport(Library)]
    internal static extern void ngtcp2_conn_extend_max_streams_bidi(nint conn, nuint n);

    [DllImport(Library)]
    internal static extern ulong ngtcp2_conn_get_streams_bidi_left(nint conn);

    [DllImport(Library)]
    internal static extern int ngtcp2_conn_submit_crypto_data(
        nint conn, int encryption_level, byte* data, nuint datalen);

    [DllImport(Library)]
    internal static extern void ngtcp2_conn_set_tls_error(nint conn, int liberr);

    [DllImport(Library)]
    internal static extern void ngtcp2_conn_set_tls_native_handle(nint conn, nint tls_native_handle);

    [DllImport(Library)]
    internal static extern nint ngtcp2_conn_get_tls_native_handle(nint conn);

    [DllImport(Library)]
    internal static extern void ngtcp2_conn_set_tls_alert(nint conn, byte alert);

    [DllImport(Library)]
    internal static extern byte ngtcp2_conn_get_tls_alert(nint conn);

    [DllImport(Library)]
    internal static extern void ngtcp2_conn_set_keep_alive_timeout(nint conn, ulong timeout);

    [DllImport(Library)]
    internal static extern uint ngtcp2_conn_get_negotiated_version(nint conn);

    [DllImport(Library)]
    internal static extern int ngtcp2_conn_initiate_immediate_migration(nint conn, ngtcp2_path* path, ulong ts);

    [DllImport(Library)]
    internal static extern int ngtcp2_conn_initiate_key_update(nint conn, ulong ts);

    [DllImport(Library)]
    internal static extern ngtcp2_crypto_ctx* ngtcp2_conn_get_crypto_ctx(nint conn);

    [DllImport(Library)]
    internal static extern int ngtcp2_conn_install_rx_key(
        nint conn, byte* secret, nuint secretlen, ngtcp2_crypto_aead_ctx* aead_ctx, byte* iv, nuint ivlen,
        ngtcp2_crypto_cipher_ctx* hp_ctx);

    [DllImport(Library)]
    internal static extern int ngtcp2_conn_install_tx_key(
        nint conn, byte* secret, nuint secretlen, ngtcp2_crypto_aead_ctx* aead_ctx, byte* iv, nuint ivlen,
        ngtcp2_crypto_cipher_ctx* hp_ctx);

    [DllImport(Library)]
    internal static extern void ngtcp2_conn_get_conn_info_versioned(
        nint conn, int conn_info_version, ngtcp2_conn_info* cinfo);

    [DllImport(Library)]
    internal static extern ngtcp2_ccerr* ngtcp2_conn_get_ccerr(nint conn);

    [DllImport(Library)]
    internal static extern void ngtcp2_ccerr_set_liberr(ngtcp2_ccerr* ccerr, int liberr, byte* reason, nuint reasonlen);

    [DllImport(Library)]
    internal static extern void ngtcp2_ccerr_set_transport_error(
        ngtcp2_ccerr* ccerr, ulong error_code, byte* reason, nuint reasonlen);

    [DllImport(Library)]
    internal static extern void ngtcp2_ccerr_set_tls_alert(
        ngtcp2_ccerr* ccerr, byte tls_alert, byte* reason, nuint reasonlen);

    [DllImport(Library)]
    internal static extern void ngtcp2_ccerr_set_application_error(
        ngtcp2_ccerr* ccerr, ulong error_code, byte* reason, nuint reasonlen);

    [DllImport(Library)]
    internal static extern ngtcp2_path* ngtcp2_conn_get_path(nint conn);

    [DllImport(Library)]
    internal static extern int ngtcp2_conn_submit_new_token(nint conn, byte* token, nuint tokenlen);

    [DllImport(Library)]
    internal static extern int ngtcp2_accept(ngtcp2_pkt_hd* dest, byte* pkt, nuint pktlen);

    [DllImport(Library)]
    internal static extern int ngtcp2_pkt_decode_version_cid(
        ngtcp2_version_cid* dest, byte* data, nuint datalen, nuint short_dcidlen);

    [DllImport(Library)]
    internal static extern nint ngtcp2_pkt_write_version_negotiation(
        byte* dest, nuint destlen, byte unused_random, byte* dcid, nuint dcidlen, byte* scid, nuint scidlen,
        uint* sv, nuint nsv);

    [DllImport(Library)]
    internal static extern nint ngtcp2_pkt_write_stateless_reset(
        byte* dest, nuint destlen, byte* stateless_reset_token, byte* rand, nuint randlen);
}
