using Relay.Native.Linux;
using Relay.Native.Quic;
using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <summary>The first thing that a client says, as others than GnuTLS say it.</summary>
public class ClientHelloTests : InMemoryTests
{
    private const ulong MissingExtension = 0x100 + 109;

    private static readonly SocketEndpoint Client = Network.Endpoint(99, 1234);
    private static readonly byte[] SourceId = [9, 9, 9, 9];

    /// <summary>
    /// Go, OpenSSL and Apple send a share of X25519, Chromium one of X25519MLKEM768 besides: whoever is asked for another
    /// pays a round trip and a second computation.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ShareOfX25519_IsTaken_WithoutHelloRetryRequest(bool postQuantum)
    {
        var network = Start();
        var hello = new ClientHelloForge
        {
            Groups = postQuantum
                ? [ClientHelloForge.X25519MlKem768, ClientHelloForge.X25519, ClientHelloForge.Secp256r1]
                : [ClientHelloForge.X25519, ClientHelloForge.Secp256r1],
            Shares = postQuantum
                ? [ClientHelloForge.X25519MlKem768, ClientHelloForge.X25519] : [ClientHelloForge.X25519],
        };
        Assert.True(IsAnswered(network, hello.Write(SourceId), postQuantum ? [0, 1] : [0]));
    }

    [Fact]
    public void NoShareThatTheRelayTakes_IsAskedForOne()
    {
        var network = Start();
        var hello = new ClientHelloForge
        {
            Groups = [ClientHelloForge.X25519MlKem768, ClientHelloForge.X25519],
            // Which GnuTLS has from 3.8.10 on only.
            Shares = TestIdentity.IsOpenSsl ? [] : [ClientHelloForge.X25519MlKem768],
        };
        Assert.False(IsAnswered(network, hello.Write(SourceId), [0, 1]));
        Assert.Single(network.Node.Connections.Open);
    }

    [Fact]
    public void ShareOfX25519Alone_OfAClientThatHasMlKem_IsTaken()
    {
        var hello = new ClientHelloForge
        {
            Groups = [ClientHelloForge.X25519MlKem768, ClientHelloForge.X25519],
            Shares = [ClientHelloForge.X25519],
        };
        Assert.True(IsAnswered(Start(), hello.Write(SourceId), [0]));
    }

    [Fact]
    public void ShareOfMlKemAlone_IsTakenByOpenSsl()
    {
        Assert.SkipUnless(TestIdentity.IsOpenSsl, "GnuTLS may not have ML-KEM");
        var hello = new ClientHelloForge
        {
            Groups = [ClientHelloForge.X25519MlKem768, ClientHelloForge.X25519],
            Shares = [ClientHelloForge.X25519MlKem768],
        };
        Assert.True(IsAnswered(Start(), hello.Write(SourceId), [0, 1]));
    }

    /// <summary>
    /// RFC 9001 §8.2: "endpoints that receive ClientHello or EncryptedExtensions messages without the
    /// quic_transport_parameters extension MUST close the connection with an error of type 0x016d".
    /// </summary>
    [Fact]
    public void NoTransportParameters_IsMissingExtension()
    {
        var network = Start();
        Assert.False(IsAnswered(
            network, new ClientHelloForge { HasTransportParameters = false }.Write(SourceId), [0]));
        var reason = Assert.Single(network.Node.Closed);
        Assert.Equal((CloseKind.Transport, MissingExtension), (reason.Kind, reason.Code));
    }

    /// <summary>RFC 9001 §8.1: "use the no_application_protocol TLS alert"; RFC 7301 §3.2 has its number.</summary>
    [Fact]
    public void ProtocolOfAnother_IsNoApplicationProtocol()
    {
        const ulong noApplicationProtocol = 0x100 + 120;
        var network = Start();
        Assert.False(IsAnswered(network, new ClientHelloForge { Protocol = "hq" }.Write(SourceId), [0]));
        var reason = Assert.Single(network.Node.Closed);
        Assert.Equal((CloseKind.Transport, noApplicationProtocol), (reason.Kind, reason.Code));
    }

    /// <summary>RFC 9000 §7.3, §7.4, §18.2; a name, and parameters in hex.</summary>
    [Theory]
    [InlineData("original_destination_connection_id", "00 04 01 02 03 04")]
    [InlineData("stateless_reset_token", "02 10 00000000000000000000000000000000")]
    [InlineData("preferred_address",
        "0d 2d 0a000001 01bb 20010db8000000000000000000000001 01bb 04 01020304 00000000000000000000000000000000")]
    [InlineData("retry_source_connection_id", "10 04 01 02 03 04")]
    [InlineData("max_udp_payload_size below 1200", "03 02 44 af")]
    [InlineData("ack_delay_exponent above 20", "0a 01 15")]
    [InlineData("max_ack_delay of 2^14", "0b 04 80 00 40 00")]
    [InlineData("active_connection_id_limit below 2", "0e 01 01")]
    [InlineData("initial_max_streams_bidi above 2^60", "08 08 d0 00 00 00 00 00 00 01")]
    [InlineData("initial_max_streams_uni above 2^60", "09 08 d0 00 00 00 00 00 00 01")]
    [InlineData("disable_active_migration with a value", "0c 01 00")]
    [InlineData("an integer that is cut short", "04 01 40")]
    [InlineData("an integer with a byte behind it", "04 02 00 00")]
    [InlineData("a length beyond the end", "04 08 00")]
    public void TransportParameters_ThatCannotBe_AreAnError(string name, string hex)
    {
        var network = Start();
        Assert.False(IsAnswered(network, new ClientHelloForge { MoreParameters = hex }.Write(SourceId), [0]), name);
        AssertParameterError(network);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TransportParameters_WithoutTheClientsConnectionId_OrWithAnother_AreAnError(bool claims)
    {
        var network = Start();
        var hello = new ClientHelloForge { ClaimsSourceId = claims, ClaimedSourceId = [1, 2, 3, 4] };
        Assert.False(IsAnswered(network, hello.Write(SourceId), [0]));
        AssertParameterError(network);
    }

    [Theory]
    [InlineData("27 00")] // RFC 9000 §18.1: a reserved one
    [InlineData("7f 42 03 01 02 03")] // one that nobody knows
    public void TransportParameters_ThatAreNotKnown_AreIgnored(string hex) => Assert.True(
        IsAnswered(Start(), new ClientHelloForge { MoreParameters = hex }.Write(SourceId), [0]));

    /// <summary>RFC 9001 §4.1.3: what follows the ClientHello comes in Handshake packets.</summary>
    [Fact]
    public void MessageInAnInitial_AfterTheHandshakesKeys_IsAViolation()
    {
        var network = Start();
        var hello = new ClientHelloForge().Write(SourceId);
        Assert.True(IsAnswered(network, hello, [0]));
        byte[] certificate = [11, 0, 0, 4, 0, 0, 0, 0];
        Receive(network, InitialForge.Write(
            [1, 2, 3, 4, 5, 6, 7, 8], SourceId, InitialForge.Crypto(hello.Length, certificate), number: 1));
        var reason = Assert.Single(network.Node.Closed);
        Assert.Equal((CloseKind.Transport, QuicTransportError.ProtocolViolation), (reason.Kind, reason.Code));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    [InlineData(1, 4)]
    [InlineData(2, 4)]
    [InlineData(3, 4)]
    [InlineData(1, 7)]
    [InlineData(2, 7)]
    [InlineData(3, 7)]
    [InlineData(4, 7)]
    public void OverSeveralInitials_InAnyOrder_Connects(int seed, int packets)
    {
        var network = Start();
        var client = network.AddClient(new ClientSettings { HelloPadding = (packets * 1000) - 360 }, out var link);
        var flight = new List<Packet>();
        link.Up.Filter = packet =>
        {
            flight.Add(packet);
            return false;
        };
        network.Run(Time.Milliseconds(1));
        Assert.Equal(packets, flight.Count);
        link.Up.Filter = static _ => true;
        foreach (var index in Order(seed, packets))
            network.Node.Receive(flight[index]);
        Assert.True(network.Run(() => client.IsEstablished));
        network.Answered(client.Connect());
    }

    /// <summary>A browser's: the share of ML-KEM alone is longer than a packet.</summary>
    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    [InlineData(1, 4)]
    [InlineData(2, 7)]
    public void WithPostQuantumShare_InPiecesOfAnyOrder_IsAnswered(int seed, int packets)
    {
        var network = Start();
        var hello = new ClientHelloForge
        {
            Groups = [ClientHelloForge.X25519MlKem768, ClientHelloForge.X25519, ClientHelloForge.Secp256r1],
            Shares = [ClientHelloForge.X25519MlKem768, ClientHelloForge.X25519],
        }.Write(SourceId);
        Assert.True(IsAnswered(network, hello, Order(seed, packets)));
    }

    /// <summary>OpenSSL needs not see more than its length, and calls that illegal_parameter.</summary>
    [Fact]
    public void WithoutEnd_IsGivenUpAfter64KiB()
    {
        const ulong IllegalParameter = 0x100 + 47;
        const int Limit = 64 * 1024;
        const int Piece = 1024;
        var network = Start();
        var pieces = (Limit / Piece) + 1;
        for (var i = 0; i < (TestIdentity.IsOpenSsl ? 1 : pieces); i++)
        {
            Assert.Empty(network.Node.Closed);
            // A ClientHello of 16 MB less one byte.
            byte[] data = i == 0 ? [1, 0xff, 0xff, 0xff, .. new byte[Piece - 4]] : new byte[Piece];
            Receive(network, InitialForge.Write(
                [1, 2, 3, 4, 5, 6, 7, 8], SourceId, InitialForge.Crypto(i * Piece, data), (uint)i));
        }
        // RFC 9000 §7.5.
        var reason = Assert.Single(network.Node.Closed);
        Assert.Equal(
            (CloseKind.Transport, TestIdentity.IsOpenSsl ? IllegalParameter : QuicTransportError.CryptoBufferExceeded),
            (reason.Kind, reason.Code));
    }

    /// <summary>Sends a ClientHello in as many packets as there are in the order, and again after a Retry.</summary>
    /// <returns>Whether the node goes on to the handshake's keys.</returns>
    private static bool IsAnswered(Network network, byte[] hello, int[] order)
    {
        byte[] destinationId = [1, 2, 3, 4, 5, 6, 7, 8];
        byte[] token = [];
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var length = (hello.Length + order.Length - 1) / order.Length;
            foreach (var index in order)
            {
                var piece = hello.AsSpan(index * length, Math.Min(length, hello.Length - (index * length)));
                var frames = InitialForge.Crypto(index * length, piece);
                Receive(network, InitialForge.Write(
                    destinationId, SourceId, frames, (uint)((attempt * order.Length) + index), token));
            }
            if (network.Stray.Any(static packet => InitialForge.IsFollowedByHandshake(packet.Payload)))
                return true;
            foreach (var packet in network.Stray)
            {
                if (InitialForge.TryReadRetry(packet.Payload, out var id, out var proof))
                    (destinationId, token) = (id, proof);
            }
            if (token.Length == 0)
                return false;
        }
        return false;
    }

    private static void AssertParameterError(Network network)
    {
        const ulong transportParameterError = 0x8;
        var reason = Assert.Single(network.Node.Closed);
        Assert.Equal((CloseKind.Transport, transportParameterError), (reason.Kind, reason.Code));
    }

    private static int[] Order(int seed, int packets)
    {
        var order = Enumerable.Range(0, packets).ToArray();
        if (packets == 2)
            return seed == 1 ? [0, 1] : [1, 0];
        new Random(seed).Shuffle(order);
        return order;
    }

    private static void Receive(Network network, byte[] payload)
    {
        network.Node.Receive(new Packet(payload, Client, InMemoryNode.Address, 0));
        network.Run(Time.Milliseconds(1));
    }
}
