using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Relay.Interop.Tests.Wire;

/// <summary>
/// The smallest question that a QUIC server answers (RFC 8999 section 6): a packet of a version that nobody speaks.
/// The answer, a Version Negotiation packet, shows that the server is up and what it speaks, and costs it no state.
/// </summary>
internal static class VersionProbe
{
    /// <summary>A version of the pattern that is reserved to force version negotiation.</summary>
    public const uint ReservedVersion = 0x1a2a3a4a;

    private const int ConnectionIdLength = 8;

    /// <summary>Waits until something at the port answers, however long it takes to bind it within the limit.</summary>
    public static Task<uint[]> WaitForServerAsync(Socket socket, int port, TimeSpan limit) =>
        WaitForServerAsync(socket, new IPEndPoint(IPAddress.Loopback, port), limit);

    /// <summary>Waits until something at the address answers.</summary>
    public static async Task<uint[]> WaitForServerAsync(Socket socket, IPEndPoint server, TimeSpan limit)
    {
        using var deadline = Eventually.Deadline(limit);
        await socket.ConnectAsync(server, deadline.Token);
        while (true)
        {
            try
            {
                return await AskAsync(socket, deadline.Token);
            }
            catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
            {
                // Nobody is bound to the port yet: the refusal itself is what paces the next question.
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"No QUIC server answered at {server} in {limit}.");
            }
        }
    }

    /// <summary>Asks once over a connected socket and returns the versions of the answer.</summary>
    public static async Task<uint[]> AskAsync(Socket socket, CancellationToken cancellation)
    {
        var question = Question(ReservedVersion, 1200);
        await socket.SendAsync(question, cancellation);
        var answer = new byte[2048];
        var length = await socket.ReceiveAsync(answer, cancellation);
        return ReadAnswer(question, answer.AsSpan(0, length));
    }

    /// <summary>A long-header packet of that version and size, its connection IDs random, the rest zero.</summary>
    public static byte[] Question(uint version, int size)
    {
        var packet = new byte[size];
        packet[0] = 0xc0;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(1), version);
        packet[5] = ConnectionIdLength;
        RandomNumberGenerator.Fill(packet.AsSpan(6, ConnectionIdLength));
        packet[14] = ConnectionIdLength;
        RandomNumberGenerator.Fill(packet.AsSpan(15, ConnectionIdLength));
        return packet;
    }

    /// <summary>Checks the answer against RFC 9000 section 17.2.1 and returns the versions it lists.</summary>
    public static uint[] ReadAnswer(ReadOnlySpan<byte> question, ReadOnlySpan<byte> answer)
    {
        const int header = 7 + 2 * ConnectionIdLength;
        Assert.True(answer.Length > header, $"{answer.Length} bytes are too few for Version Negotiation.");
        Assert.True((answer[0] & 0x80) != 0, "Version Negotiation has a long header.");
        Assert.Equal(0u, BinaryPrimitives.ReadUInt32BigEndian(answer[1..]));
        Assert.Equal(ConnectionIdLength, answer[5]);
        Assert.Equal(question.Slice(15, ConnectionIdLength), answer.Slice(6, ConnectionIdLength));
        Assert.Equal(ConnectionIdLength, answer[14]);
        Assert.Equal(question.Slice(6, ConnectionIdLength), answer.Slice(15, ConnectionIdLength));
        Assert.Equal(0, (answer.Length - header) % sizeof(uint));

        var versions = new uint[(answer.Length - header) / sizeof(uint)];
        for (var i = 0; i < versions.Length; i++)
            versions[i] = BinaryPrimitives.ReadUInt32BigEndian(answer[(header + i * sizeof(uint))..]);
        return versions;
    }
}
