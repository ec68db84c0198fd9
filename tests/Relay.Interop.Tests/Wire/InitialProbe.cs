using System.Net.Sockets;
using System.Security.Cryptography;
using Relay.Testing.Quic;

namespace Relay.Interop.Tests.Wire;

/// <summary>
/// Sends one Initial packet with a ClientHello and reads what the first flight back says: a ServerHello, or the reason
/// for which the connection is refused. ngtcp2's client offers no protocol but h3, so this offers the others.
/// </summary>
internal static class InitialProbe
{
    /// <summary>The transport error for the TLS alert no_application_protocol (RFC 9001 section 8.1).</summary>
    public const ulong NoApplicationProtocol = 0x100 + 120;

    /// <summary>Returns the code of the CONNECTION_CLOSE, or null when the server goes on with the handshake.</summary>
    public static async Task<ulong?> OfferAsync(int port, string? protocol)
    {
        var (destination, source) = (RandomNumberGenerator.GetBytes(8), RandomNumberGenerator.GetBytes(8));
        var hello = new ClientHelloForge { Protocol = protocol }.Write(source);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using var deadline = Eventually.Deadline(Limits.Exchange);
        await socket.ConnectAsync(IPAddress.Loopback, port, deadline.Token);
        await socket.SendAsync(InitialForge.Write(destination, source, InitialForge.Crypto(0, hello)), deadline.Token);

        var answer = new byte[2048];
        while (true)
        {
            var length = await socket.ReceiveAsync(answer, deadline.Token);
            // An acknowledgement alone is no outcome yet; with CRYPTO the server goes on.
            if (InitialForge.ReadFrames(answer.AsSpan(0, length), destination)
                .Find(static frame => frame.IsClose || frame.Type == QuicFrames.Crypto) is { } outcome)
                return outcome.IsClose ? outcome.Numbers[0] : null;
        }
    }
}
