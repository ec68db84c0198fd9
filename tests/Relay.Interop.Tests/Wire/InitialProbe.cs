using System.Net.Sockets;
using System.Security.Cryptography;

namespace Relay.Interop.Tests.Wire;

/// <summary>
/// Sends one Initial packet with a ClientHello and reads what the first flight back says: a ServerHello, or the reason
/// for which the connection is refused. ngtcp2's client offers no protocol but h3, so this offers the others.
/// </summary>
internal static class InitialProbe
{
    /// <summary>The transport error for the TLS alert no_application_protocol (RFC 9001 section 8.1).</summary>
    public const ulong NoApplicationProtocol = 0x100 + 120;

    private const int DatagramLength = 1200;

    /// <summary>Returns the code of the CONNECTION_CLOSE, or null when the server goes on with the handshake.</summary>
    public static async Task<ulong?> OfferAsync(int port, string? protocol)
    {
        var destination = RandomNumberGenerator.GetBytes(8);
        using var keys = InitialKeys.OfServer(destination);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using var deadline = Eventually.Deadline(Limits.Exchange);
        await socket.ConnectAsync(IPAddress.Loopback, port, deadline.Token);
        await socket.SendAsync(Packet(destination, protocol), deadline.Token);

        var answer = new byte[2048];
        while (true)
        {
            var length = await socket.ReceiveAsync(answer, deadline.Token);
            if (TryReadOutcome(answer.AsSpan(0, length), keys, out var closeCode))
                return closeCode;
        }
    }

    private static byte[] Packet(byte[] destination, string? protocol)
    {
        var source = RandomNumberGenerator.GetBytes(8);
        var hello = ClientHello.Write(protocol, source);
        byte[] start =
        [
            0xc3, 0, 0, 0, 1, // Initial with a packet number of 4 bytes, version 1
            (byte)destination.Length, .. destination, (byte)source.Length, .. source,
            0, // no token
        ];
        var payload = new byte[DatagramLength - start.Length - 2 - 4 - 16];
        byte[] crypto = [0x06, 0, .. QuicVarint.Write(hello.Length), .. hello];
        crypto.CopyTo(payload, 0); // what follows is zero, which is PADDING

        using var keys = InitialKeys.OfClient(destination);
        return keys.Protect([.. start, .. QuicVarint.Write(4 + payload.Length + 16)], payload);
    }

    /// <summary>Reads the datagram's first packet. An acknowledgement alone is no outcome yet.</summary>
    private static bool TryReadOutcome(ReadOnlySpan<byte> datagram, InitialKeys keys, out ulong? closeCode)
    {
        closeCode = null;
        Assert.True((datagram[0] & 0xf0) == 0xc0, $"Not an Initial packet: {datagram[0]:x2}.");
        var rest = datagram[5..];
        rest = rest[(1 + rest[0])..];
        rest = rest[(1 + rest[0])..];
        QuicVarint.ReadBytes(ref rest); // token
        var length = (int)QuicVarint.Read(ref rest);
        var numberAt = datagram.Length - rest.Length;

        ReadOnlySpan<byte> frames = keys.Unprotect(datagram[..(numberAt + length)], numberAt);
        while (!frames.IsEmpty)
        {
            var type = QuicVarint.Read(ref frames);
            switch (type)
            {
                case 0x00 or 0x01: // PADDING, PING
                    break;
                case 0x02 or 0x03: // ACK
                    SkipAcknowledgement(ref frames, withCounts: type == 0x03);
                    break;
                case 0x06: // CRYPTO: the server goes on
                    return true;
                case 0x1c: // CONNECTION_CLOSE
                    closeCode = QuicVarint.Read(ref frames);
                    return true;
                default:
                    throw new InvalidDataException($"Frame type 0x{type:x} does not belong in an Initial packet.");
            }
        }

        return false;
    }

    private static void SkipAcknowledgement(ref ReadOnlySpan<byte> frames, bool withCounts)
    {
        QuicVarint.Read(ref frames); // largest acknowledged
        QuicVarint.Read(ref frames); // delay
        var numbers = 1 + 2 * QuicVarint.Read(ref frames) + (withCounts ? 3u : 0);
        for (var i = 0ul; i < numbers; i++)
            QuicVarint.Read(ref frames);
    }
}
