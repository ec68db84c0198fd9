using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Relay.Native.Ngtcp2;

namespace Relay.Native.Quic;

/// <summary>
/// The callbacks of every connection of the process, built once. What ngtcp2's crypto library does goes straight to it;
/// only what the relay decides, and packets that another library protects, enter managed code.
/// </summary>
internal static unsafe class CallbackTable
{
    private static readonly ConcurrentDictionary<(CryptoLibrary Crypto, bool Server, bool OwnKeys), nint> Tables = new();

    internal static ngtcp2_callbacks* Server(CryptoLibrary crypto, PacketProtection protection) =>
        Of(crypto, server: true, protection);

    internal static ngtcp2_callbacks* Client(CryptoLibrary crypto, PacketProtection protection) =>
        Of(crypto, server: false, protection);

    private static ngtcp2_callbacks* Of(CryptoLibrary crypto, bool server, PacketProtection protection) =>
        (ngtcp2_callbacks*)Tables.GetOrAdd(
            (crypto, server, protection.Keys is not null), static key => (nint)Create(key.Crypto, key.Server, key.OwnKeys));

    private static ngtcp2_callbacks* Create(CryptoLibrary crypto, bool server, bool ownKeys)
    {
        var table = (ngtcp2_callbacks*)NativeMemory.AllocZeroed((nuint)sizeof(ngtcp2_callbacks));
        if (server)
        {
            table->recv_client_initial = crypto.Export("recv_client_initial_cb");
        }
        else
        {
            table->client_initial = crypto.Export("client_initial_cb");
            table->recv_retry = crypto.Export("recv_retry_cb");
        }

        if (ownKeys)
        {
            ProtectByOwnKeys(table, crypto);
        }
        else
        {
            table->encrypt = crypto.Export("encrypt_cb");
            table->decrypt = crypto.Export("decrypt_cb");
            table->update_key = crypto.Export("update_key_cb");
            table->delete_crypto_aead_ctx = crypto.Export("delete_crypto_aead_ctx_cb");
        }
        table->hp_mask = crypto.Export("hp_mask_cb");
        table->delete_crypto_cipher_ctx = crypto.Export("delete_crypto_cipher_ctx_cb");
        table->get_path_challenge_data = crypto.Export("get_path_challenge_data_cb");
        table->version_negotiation = crypto.Export("version_negotiation_cb");

        table->recv_crypto_data =
            (nint)(delegate* unmanaged[Cdecl]<nint, int, ulong, byte*, nuint, nint, int>)&QuicConnection.RecvCryptoData;
        table->handshake_completed =
            (nint)(delegate* unmanaged[Cdecl]<nint, nint, int>)&QuicConnection.HandshakeCompleted;
        table->recv_stream_data =
            (nint)(delegate* unmanaged[Cdecl]<nint, uint, long, ulong, byte*, nuint, nint, nint, int>)&QuicConnection.RecvStreamData;
        table->acked_stream_data_offset =
            (nint)(delegate* unmanaged[Cdecl]<nint, long, ulong, ulong, nint, nint, int>)&QuicConnection.AckedStreamData;
        table->stream_close =
            (nint)(delegate* unmanaged[Cdecl]<nint, uint, long, ulong, nint, nint, int>)&QuicConnection.StreamClose;
        table->stream_reset =
            (nint)(delegate* unmanaged[Cdecl]<nint, long, ulong, ulong, nint, nint, int>)&QuicConnection.StreamReset;
        table->stream_stop_sending =
            (nint)(delegate* unmanaged[Cdecl]<nint, long, ulong, nint, nint, int>)&QuicConnection.StreamStopSending;
        table->extend_max_remote_streams_bidi =
            (nint)(delegate* unmanaged[Cdecl]<nint, ulong, nint, int>)&QuicConnection.ExtendMaxRemoteStreams;
        table->extend_max_local_streams_bidi =
            (nint)(delegate* unmanaged[Cdecl]<nint, ulong, nint, int>)&QuicConnection.ExtendMaxLocalStreams;
        table->extend_max_stream_data =
            (nint)(delegate* unmanaged[Cdecl]<nint, long, ulong, nint, nint, int>)&QuicConnection.ExtendMaxStreamData;
        table->rand = (nint)(delegate* unmanaged[Cdecl]<byte*, nuint, nint, void>)&QuicConnection.Rand;
        table->get_new_connection_id =
            (nint)(delegate* unmanaged[Cdecl]<nint, ngtcp2_cid*, byte*, nuint, nint, int>)&QuicConnection.GetNewConnectionId;
        table->remove_connection_id =
            (nint)(delegate* unmanaged[Cdecl]<nint, ngtcp2_cid*, nint, int>)&QuicConnection.RemoveConnectionId;
        table->recv_datagram =
            (nint)(delegate* unmanaged[Cdecl]<nint, uint, byte*, nuint, nint, int>)&QuicConnection.RecvDatagram;
        table->recv_stateless_reset =
            (nint)(delegate* unmanaged[Cdecl]<nint, nint, nint, int>)&QuicConnection.RecvStatelessReset;
        var keyReady = (nint)(delegate* unmanaged[Cdecl]<nint, int, nint, int>)&QuicConnection.KeyReady;
        if (server)
            table->recv_tx_key = keyReady;
        else
            table->recv_rx_key = keyReady;
        if (!server)
            table->recv_new_token =
                (nint)(delegate* unmanaged[Cdecl]<nint, byte*, nuint, nint, int>)&QuicConnection.RecvNewToken;
        if (server)
        {
            table->stream_open = (nint)(delegate* unmanaged[Cdecl]<nint, long, nint, int>)&QuicConnection.StreamOpen;
            table->path_validation =
                (nint)(delegate* unmanaged[Cdecl]<nint, uint, ngtcp2_path*, ngtcp2_path*, int, nint, int>)&QuicConnection.PathValidation;
            if (!QuicConnection.CountsPackets)
                table->lost_datagram =
                    (nint)(delegate* unmanaged[Cdecl]<nint, ulong, nint, int>)&QuicConnection.LostDatagram;
        }
        return table;
    }

    private static void ProtectByOwnKeys(ngtcp2_callbacks* table, CryptoLibrary crypto)
    {
        if (crypto == CryptoLibrary.GnuTls)
        {
            table->encrypt =
                (nint)(delegate* unmanaged[Cdecl]<byte*, ngtcp2_crypto_aead*, ngtcp2_crypto_aead_ctx*, byte*, nuint, byte*, nuint, byte*, nuint, int>)&QuicConnection.EncryptOrGnuTls;
            table->decrypt =
                (nint)(delegate* unmanaged[Cdecl]<byte*, ngtcp2_crypto_aead*, ngtcp2_crypto_aead_ctx*, byte*, nuint, byte*, nuint, byte*, nuint, int>)&QuicConnection.DecryptOrGnuTls;
        }
        else
        {
            table->encrypt =
                (nint)(delegate* unmanaged[Cdecl]<byte*, ngtcp2_crypto_aead*, ngtcp2_crypto_aead_ctx*, byte*, nuint, byte*, nuint, byte*, nuint, int>)&QuicConnection.EncryptOrOpenSsl;
            table->decrypt =
                (nint)(delegate* unmanaged[Cdecl]<byte*, ngtcp2_crypto_aead*, ngtcp2_crypto_aead_ctx*, byte*, nuint, byte*, nuint, byte*, nuint, int>)&QuicConnection.DecryptOrOpenSsl;
        }
        table->update_key =
            (nint)(delegate* unmanaged[Cdecl]<nint, byte*, byte*, ngtcp2_crypto_aead_ctx*, byte*, ngtcp2_crypto_aead_ctx*, byte*, byte*, byte*, nuint, nint, int>)&QuicConnection.UpdateKeys;
        table->delete_crypto_aead_ctx =
            (nint)(delegate* unmanaged[Cdecl]<nint, ngtcp2_crypto_aead_ctx*, nint, void>)&QuicConnection.DeleteKey;
    }
}
