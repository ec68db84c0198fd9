using System.Security.Cryptography;
using Relay.Native.Linux;
using Relay.Native.Ngtcp2;
using static Relay.Native.Ngtcp2.NativeMethods;

namespace Relay.Native.Quic;

/// <summary>The packets that a server reads and writes outside any connection.</summary>
public static unsafe class QuicPackets
{
    internal const int MaxTokenLength = 256;

    private static readonly CryptoLibrary Crypto = CryptoLibrary.Any;

    private const byte RetryTokenMagic = 0xb7;
    private const byte RegularTokenMagic = 0x36;
    private const ulong RetryTokenLife = 10_000_000_000;
    private const ulong RegularTokenLife = 3600_000_000_000;
    private const ulong InvalidTokenError = 0xb;

    /// <summary>Reads a packet that belongs to no known connection.</summary>
    /// <param name="packet">The UDP payload.</param>
    /// <param name="secret">The secret that tokens were made with.</param>
    /// <param name="remote">Where it came from.</param>
    /// <param name="initial">What it says, for <see cref="PacketKind.Initial"/> and the other answerable kinds.</param>
    public static PacketKind Classify(
        ReadOnlySpan<byte> packet, ReadOnlySpan<byte> secret, in SocketEndpoint remote, out InitialPacket initial)
    {
        initial = default;
        fixed (byte* data = packet)
        {
            ngtcp2_version_cid ids;
            var result = ngtcp2_pkt_decode_version_cid(&ids, data, (nuint)packet.Length, ShortIdLength);
            initial.Version = ids.version;
            if (result == Ngtcp2Constants.NGTCP2_ERR_VERSION_NEGOTIATION)
            {
                // RFC 9000 §17.2: "In order to properly form a Version Negotiation packet, servers SHOULD be able to read
                // longer connection IDs from other QUIC versions."
                // Slices, as these outlive the pin.
                initial.ForeignDestinationId = packet.Slice((int)(ids.dcid - data), (int)ids.dcidlen);
                initial.ForeignSourceId = packet.Slice((int)(ids.scid - data), (int)ids.scidlen);
                return packet.Length >= 1200 ? PacketKind.UnsupportedVersion : PacketKind.Invalid;
            }
            if (result != 0 || ids.dcidlen > ConnectionId.MaxLength || ids.scidlen > ConnectionId.MaxLength)
                return PacketKind.Invalid;
            initial.DestinationId = new ConnectionId(new ReadOnlySpan<byte>(ids.dcid, (int)ids.dcidlen));
            initial.SourceId = new ConnectionId(new ReadOnlySpan<byte>(ids.scid, (int)ids.scidlen));
            if ((packet[0] & 0x80) == 0)
                return PacketKind.Unknown;

            ngtcp2_pkt_hd header;
            if (ngtcp2_accept(&header, data, (nuint)packet.Length) != 0)
                return PacketKind.Unknown;
            initial.OriginalDestinationId = initial.DestinationId;
            if (header.tokenlen == 0)
                return PacketKind.Initial;
            initial.Token = packet.Slice((int)(header.token - data), (int)header.tokenlen);
            return VerifyToken(&header, secret, remote, ref initial);
        }
    }

    /// <summary>Writes a Version Negotiation packet (RFC 9000 §17.2.1).</summary>
    /// <returns>Its length, or 0 when it does not fit.</returns>
    public static int WriteVersionNegotiation(Span<byte> destination, in InitialPacket received)
    {
        var versions = stackalloc uint[2] { Ngtcp2Constants.NGTCP2_PROTO_VER_V1, Ngtcp2Constants.NGTCP2_PROTO_VER_V2 };
        Span<byte> random = stackalloc byte[1];
        RandomNumberGenerator.Fill(random);
        var destinationId = received.ForeignSourceId;
        var sourceId = received.ForeignDestinationId;
        fixed (byte* buffer = destination, dcid = destinationId, scid = sourceId)
            return Length(ngtcp2_pkt_write_version_negotiation(
                buffer, (nuint)destination.Length, random[0], dcid, (nuint)destinationId.Length, scid,
                (nuint)sourceId.Length, versions, 2));
    }

    /// <summary>Writes a Retry packet (RFC 9000 §17.2.5).</summary>
    /// <param name="destination">At least 256 bytes.</param>
    /// <param name="received">The Initial packet that it answers.</param>
    /// <param name="retryId">A new connection ID of this side.</param>
    /// <param name="secret">Secret of the token.</param>
    /// <param name="remote">The address that the token is for.</param>
    /// <returns>Its length, or 0 on failure.</returns>
    public static int WriteRetry(
        Span<byte> destination, in InitialPacket received, in ConnectionId retryId, ReadOnlySpan<byte> secret,
        in SocketEndpoint remote)
    {
        var scid = retryId.ToNative();
        var dcid = received.SourceId.ToNative();
        var original = received.DestinationId.ToNative();
        var token = stackalloc byte[MaxTokenLength];
        fixed (byte* key = secret, address = remote.AsSpan, buffer = destination)
        {
            var length = Crypto.generate_retry_token2(
                token, key, (nuint)secret.Length, received.Version, address, (uint)remote.Length, &scid, &original,
                WallClock);
            return length < 0 ? 0 : Length(Crypto.write_retry(
                buffer, (nuint)destination.Length, received.Version, &dcid, &scid, &original, token, (nuint)length));
        }
    }

    /// <summary>Writes a CONNECTION_CLOSE for a connection that is not accepted, in an Initial packet.</summary>
    /// <returns>Its length, or 0 on failure.</returns>
    public static int WriteRefusal(Span<byte> destination, in InitialPacket received, ulong transportError)
    {
        var dcid = received.SourceId.ToNative();
        var scid = received.DestinationId.ToNative();
        fixed (byte* buffer = destination)
            return Length(Crypto.write_connection_close(
                buffer, (nuint)destination.Length, received.Version, &dcid, &scid, transportError, null, 0));
    }

    /// <summary>The refusal of a false Retry token.</summary>
    public static int WriteInvalidToken(Span<byte> destination, in InitialPacket received) =>
        WriteRefusal(destination, received, InvalidTokenError);

    /// <summary>
    /// Writes a Stateless Reset (RFC 9000 §10.3), always shorter than the packet that it answers, so that two nodes
    /// cannot answer each other for ever.
    /// </summary>
    /// <param name="destination">Buffer.</param>
    /// <param name="receivedLength">Length of the packet that it answers.</param>
    /// <param name="secret">The secret of the node that issued the connection ID.</param>
    /// <param name="destinationId">The connection ID of the packet.</param>
    /// <returns>Its length, or 0 when the received packet was too short to answer.</returns>
    public static int WriteStatelessReset(
        Span<byte> destination, int receivedLength, ReadOnlySpan<byte> secret, in ConnectionId destinationId)
    {
        const int Shortest =
            1 + Ngtcp2Constants.NGTCP2_MIN_STATELESS_RESET_RANDLEN + Ngtcp2Constants.NGTCP2_STATELESS_RESET_TOKENLEN;
        var size = Math.Min(receivedLength - 1, 43);
        if (size < Shortest)
            return 0;
        Span<byte> random = stackalloc byte[size - 1 - Ngtcp2Constants.NGTCP2_STATELESS_RESET_TOKENLEN];
        RandomNumberGenerator.Fill(random);
        var cid = destinationId.ToNative();
        var token = stackalloc byte[Ngtcp2Constants.NGTCP2_STATELESS_RESET_TOKENLEN];
        WriteResetToken(secret, &cid, token);
        fixed (byte* buffer = destination, bytes = random)
            return Length(ngtcp2_pkt_write_stateless_reset(
                buffer, (nuint)destination.Length, token, bytes, (nuint)random.Length));
    }

    internal static void WriteResetToken(ReadOnlySpan<byte> secret, ngtcp2_cid* cid, byte* token)
    {
        fixed (byte* key = secret)
        {
            if (Crypto.generate_stateless_reset_token(token, key, (nuint)secret.Length, cid) != 0)
                throw new NativeLibraryException("the crypto library could not derive a stateless reset token");
        }
    }

    internal static int WriteRegularToken(ReadOnlySpan<byte> secret, ngtcp2_path* path, byte* token)
    {
        fixed (byte* key = secret)
            return Length(Crypto.generate_regular_token(
                token, key, (nuint)secret.Length, (byte*)path->remote.addr, path->remote.addrlen, WallClock));
    }

    /// <summary>The length of this side's connection IDs, which short headers do not tell.</summary>
    private const int ShortIdLength = 12;

    /// <summary>Tokens outlive processes and travel between nodes: their time is the wall clock's.</summary>
    private static ulong WallClock => (ulong)(DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100;

    private static PacketKind VerifyToken(
        ngtcp2_pkt_hd* header, ReadOnlySpan<byte> secret, in SocketEndpoint remote, ref InitialPacket initial)
    {
        fixed (byte* key = secret, address = remote.AsSpan)
        {
            switch (header->token[0])
            {
                case RetryTokenMagic:
                    ngtcp2_cid original;
                    if (Crypto.verify_retry_token2(
                            &original, header->token, header->tokenlen, key, (nuint)secret.Length, header->version,
                            address, (uint)remote.Length, &header->dcid, RetryTokenLife, WallClock) != 0)
                        return PacketKind.InvalidToken;
                    initial.OriginalDestinationId = new ConnectionId(&original);
                    initial.AfterRetry = initial.TokenValid = true;
                    return PacketKind.Initial;
                case RegularTokenMagic:
                    initial.TokenValid = Crypto.verify_regular_token(
                        header->token, header->tokenlen, key, (nuint)secret.Length, address, (uint)remote.Length,
                        RegularTokenLife, WallClock) == 0;
                    return PacketKind.Initial;
                default:
                    // RFC 9000 §8.1.3: "If the token is invalid, then the server SHOULD proceed as if … not validated".
                    return PacketKind.Initial;
            }
        }
    }

    private static int Length(nint result) => result > 0 ? (int)result : 0;
}
