using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Relay.Testing.Quic;

/// <summary>
/// A TLS 1.3 ClientHello for QUIC (RFC 8446 §4.1.2, RFC 9001 §8) whose keys nobody keeps: what a server says at first
/// is all that can be learnt with it.
/// </summary>
public sealed record ClientHelloForge
{
    public const ushort Secp256r1 = 23;
    public const ushort X25519 = 29;
    public const ushort X25519MlKem768 = 0x11ec;

    /// <summary>The protocol that it offers (RFC 7301); null for none.</summary>
    public string? Protocol { get; init; } = "h3";

    /// <summary>The groups that the client supports, and by which it orders.</summary>
    public ushort[] Groups { get; init; } = [X25519, Secp256r1];

    /// <summary>The groups that it sends a share of.</summary>
    public ushort[] Shares { get; init; } = [X25519];

    public bool HasTransportParameters { get; init; } = true;

    /// <summary>
    /// Transport parameters beside the client's connection ID and room for the three streams of a server of HTTP/3, in hex.
    /// </summary>
    public string MoreParameters { get; init; } = "";

    /// <summary>The connection ID that they say is the client's; null for the one that is.</summary>
    public byte[]? ClaimedSourceId { get; init; }

    /// <summary>Whether they say so at all.</summary>
    public bool ClaimsSourceId { get; init; } = true;

    /// <summary>The handshake message.</summary>
    /// <param name="sourceId">The client's connection ID, which the transport parameters repeat.</param>
    public byte[] Write(byte[] sourceId)
    {
        byte[] extensions =
        [
            .. Extension(0, Block([0, .. Block("relay.test"u8)])), // server_name
            .. Extension(10, Block([.. Groups.SelectMany(Word)])), // supported_groups
            .. Extension(13, Block([0x04, 0x03])), // signature_algorithms: ecdsa_secp256r1_sha256
            .. Protocol is null ? [] : Extension(16, Block([(byte)Protocol.Length, .. Encoding.ASCII.GetBytes(Protocol)])),
            .. Extension(43, [2, 3, 4]), // supported_versions: TLS 1.3
            .. Extension(51, Block([.. Shares.SelectMany(Share)])), // key_share
            .. HasTransportParameters ? Extension(57, Parameters(sourceId)) : [],
        ];
        byte[] body =
        [
            3, 3, .. RandomNumberGenerator.GetBytes(32), // legacy_version, random
            0, // legacy_session_id
            .. Block([0x13, 0x01]), // cipher_suites: TLS_AES_128_GCM_SHA256
            1, 0, // legacy_compression_methods
            .. Block(extensions),
        ];
        return [1, (byte)(body.Length >> 16), .. Word((ushort)body.Length), .. body];
    }

    private byte[] Parameters(byte[] sourceId)
    {
        var claimed = ClaimedSourceId ?? sourceId;
        return
        [
            .. ClaimsSourceId ? [0x0f, (byte)claimed.Length, .. claimed] : Array.Empty<byte>(), // initial_source_connection_id
            7, 2, 0x60, 0, 9, 1, 3, // initial_max_stream_data_uni, initial_max_streams_uni
            .. Convert.FromHexString(MoreParameters.Replace(" ", "", StringComparison.Ordinal)),
        ];
    }

    /// <summary>Whether these bytes are a key does not matter to ML-KEM and X25519.</summary>
    private static byte[] Share(ushort group)
    {
        const int MlKemKey = 1184;
        const int X25519Key = 32;
        // ML-KEM's coefficients are below 3329 (FIPS 203 §7.2); zero is.
        byte[] mlKem = group == X25519MlKem768 ? new byte[MlKemKey] : [];
        return [.. Word(group), .. Block([.. mlKem, .. RandomNumberGenerator.GetBytes(X25519Key)])];
    }

    private static byte[] Extension(ushort type, byte[] data) => [.. Word(type), .. Block(data)];

    private static byte[] Block(ReadOnlySpan<byte> data) => [.. Word((ushort)data.Length), .. data];

    private static byte[] Word(ushort value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return bytes;
    }
}
