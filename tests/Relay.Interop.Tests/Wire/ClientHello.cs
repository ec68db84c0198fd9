using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Relay.Interop.Tests.Wire;

/// <summary>
/// The least TLS 1.3 ClientHello that begins a QUIC connection (RFC 8446 section 4.1.2, RFC 9001 section 8): one
/// cipher suite, one group, and a key share whose private half nobody keeps, since only the answer's kind is of
/// interest.
/// </summary>
internal static class ClientHello
{
    /// <summary>The handshake message, offering this application protocol, or none at all.</summary>
    public static byte[] Write(string? protocol, byte[] sourceConnectionId)
    {
        byte[] extensions =
        [
            .. Extension(0, Block16([0, .. Block16("localhost"u8)])), // server_name
            .. Extension(10, Block16([0x00, 0x17])), // supported_groups: secp256r1
            .. Extension(13, Block16([0x04, 0x03])), // signature_algorithms: ecdsa_secp256r1_sha256
            .. Extension(43, Block8([0x03, 0x04])), // supported_versions: TLS 1.3
            .. Extension(51, Block16([0x00, 0x17, .. Block16(KeyShare())])), // key_share
            .. Extension(57, TransportParameters(sourceConnectionId)),
            .. protocol is null ? [] : Extension(16, Block16(Block8(Encoding.ASCII.GetBytes(protocol)))),
        ];
        byte[] body =
        [
            0x03, 0x03, .. RandomNumberGenerator.GetBytes(32), // legacy_version, random
            0, // legacy_session_id
            .. Block16([0x13, 0x01]), // cipher_suites: TLS_AES_128_GCM_SHA256
            1, 0, // legacy_compression_methods: null
            .. Block16(extensions),
        ];
        return [1, 0, .. Block16(body)]; // client_hello and a length of three bytes
    }

    // HTTP/3 needs three unidirectional streams of the server and room on them (RFC 9114 section 6.2).
    private static byte[] TransportParameters(byte[] sourceConnectionId) =>
    [
        0x04, 2, .. QuicVarint.Write(8192), // initial_max_data
        0x07, 2, .. QuicVarint.Write(8192), // initial_max_stream_data_uni
        0x09, 2, .. QuicVarint.Write(3), // initial_max_streams_uni
        0x0f, (byte)sourceConnectionId.Length, .. sourceConnectionId, // initial_source_connection_id
    ];

    private static byte[] KeyShare()
    {
        using var key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        return [4, .. point.X!, .. point.Y!];
    }

    private static byte[] Extension(ushort type, byte[] data) => [(byte)(type >> 8), (byte)type, .. Block16(data)];

    private static byte[] Block8(ReadOnlySpan<byte> data) => [(byte)data.Length, .. data];

    private static byte[] Block16(ReadOnlySpan<byte> data)
    {
        var block = new byte[2 + data.Length];
        BinaryPrimitives.WriteUInt16BigEndian(block, (ushort)data.Length);
        data.CopyTo(block.AsSpan(2));
        return block;
    }
}
