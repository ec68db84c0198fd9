using System.Runtime.InteropServices;

namespace Relay.Native.Ngtcp2;

#pragma warning disable IDE1006 // the library's own names

[NativeStruct("ngtcp2_preferred_addr", "ngtcp2/ngtcp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct ngtcp2_preferred_addr
{
    internal ngtcp2_cid cid;
    internal SockaddrIn ipv4;
    internal SockaddrIn6 ipv6;
    internal byte ipv4_present;
    internal byte ipv6_present;
    internal TokenBytes stateless_reset_token;
}

[NativeStruct("ngtcp2_version_info", "ngtcp2/ngtcp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ngtcp2_version_info
{
    internal uint chosen_version;
    internal byte* available_versions;
    internal nuint available_versionslen;
}

[NativeStruct("ngtcp2_transport_params", "ngtcp2/ngtcp2.h")]
[StructLayout(LayoutKind.Sequential)]
internal struct ngtcp2_transport_params
{
    internal ngtcp2_preferred_addr preferred_addr;
    internal ngtcp2_cid original_dcid;
    internal ngtcp2_cid initial_scid;
    internal ngtcp2_cid retry_scid;
    internal ulong initial_max_stream_data_bidi_local;
    internal ulong initial_max_stream_data_bidi_remote;
    internal ulong initial_max_stream_data_uni;
    internal ulong initial_max_data;
    internal ulong initial_max_streams_bidi;
    internal ulong initial_max_streams_uni;
    internal ulong max_idle_timeout;
    internal ulong max_udp_payload_size;
    internal ulong active_connection_id_limit;
    internal ulong ack_delay_exponent;
    internal ulong max_ack_delay;
    internal ulong max_datagram_frame_size;
    internal byte stateless_reset_token_present;
    internal byte disable_active_migration;
    internal byte original_dcid_present;
    internal byte initial_scid_present;
    internal byte retry_scid_present;
    internal byte preferred_addr_present;
    internal TokenBytes stateless_reset_token;
    internal byte grease_quic_bit;
    internal ngtcp2_version_info version_info;
    internal byte version_info_present;
}

[NativeStruct("ngtcp2_settings", "ngtcp2/ngtcp2.h", GrowsAtEnd = true)]
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ngtcp2_settings
{
    internal nint qlog_write;
    internal int cc_algo;
    internal ulong initial_ts;
    internal ulong initial_rtt;
    internal nint log_printf;
    internal nuint max_tx_udp_payload_size;
    internal byte* token;
    internal nuint tokenlen;
    internal int token_type;
    internal nint rand_ctx;
    internal ulong max_window;
    internal ulong max_stream_window;
    internal nuint ack_thresh;
    internal byte no_tx_udp_payload_size_shaping;
    internal ulong handshake_timeout;
    internal uint* preferred_versions;
    internal nuint preferred_versionslen;
    internal uint* available_versions;
    internal nuint available_versionslen;
    internal uint original_version;
    internal byte no_pmtud;
    internal uint initial_pkt_num;
    internal ushort* pmtud_probes;
    internal nuint pmtud_probeslen;
}

[NativeStruct("ngtcp2_callbacks", "ngtcp2/ngtcp2.h", GrowsAtEnd = true)]
[StructLayout(LayoutKind.Sequential)]
internal struct ngtcp2_callbacks
{
    internal nint client_initial;
    internal nint recv_client_initial;
    internal nint recv_crypto_data;
    internal nint handshake_completed;
    internal nint recv_version_negotiation;
    internal nint encrypt;
    internal nint decrypt;
    internal nint hp_mask;
    internal nint recv_stream_data;
    internal nint acked_stream_data_offset;
    internal nint stream_open;
    internal nint stream_close;
    internal nint recv_stateless_reset;
    internal nint recv_retry;
    internal nint extend_max_local_streams_bidi;
    internal nint extend_max_local_streams_uni;
    internal nint rand;
    internal nint get_new_connection_id;
    internal nint remove_connection_id;
    internal nint update_key;
    internal nint path_validation;
    internal nint select_preferred_addr;
    internal nint stream_reset;
    internal nint extend_max_remote_streams_bidi;
    internal nint extend_max_remote_streams_uni;
    internal nint extend_max_stream_data;
    internal nint dcid_status;
    internal nint handshake_confirmed;
    internal nint recv_new_token;
    internal nint delete_crypto_aead_ctx;
    internal nint delete_crypto_cipher_ctx;
    internal nint recv_datagram;
    internal nint ack_datagram;
    internal nint lost_datagram;
    internal nint get_path_challenge_data;
    internal nint stream_stop_sending;
    internal nint version_negotiation;
    internal nint recv_rx_key;
    internal nint recv_tx_key;
    internal nint tls_early_data_rejected;
}
