using Relay.Native.Quic;

namespace Relay.Node.Tests.InMemory;

/// <summary>
/// What RFC 9000 and 9001 say of frames and packets that are wrong, in the order of the RFCs, with a client that writes its own packets:
/// those of h3spec that are no message of TLS (<see cref="ClientHelloTests"/>) or HTTP/3 (<see cref="ConformanceTests"/>), and more.
/// What differs from the RFC has its reason in docs/hardening.md.
/// </summary>
public sealed class TransportConformanceTests : InMemoryTests
{
    private const ulong FlowControl = 0x03;
    private const ulong StreamLimit = 0x04;
    private const ulong StreamState = 0x05;
    private const ulong FinalSize = 0x06;
    private const ulong FrameEncoding = 0x07;
    private const ulong Violation = 0x0a;
    private const ulong CryptoBuffer = 0x0d;
    private const ulong UnexpectedMessage = 0x10a;

    private const string Token = "00000000000000000000000000000000";

    /// <summary>A packet, and the code that the connection ends with.</summary>
    /// <param name="Name">The section, and what is wrong.</param>
    /// <param name="Code">The code (RFC 9000 §20.1).</param>
    /// <param name="Frames">What is in the packet, in hex.</param>
    private sealed record Case(string Name, ulong Code, string Frames)
    {
        /// <summary>Bits of the first byte that must be zero.</summary>
        public byte Flags { get; init; }

        /// <summary>What the RFC wants, where that is something else.</summary>
        public string? ButShouldBe { get; init; }
    }

    private static readonly Case[] Cases =
    [
        new("4.1 STREAM beyond the window", FlowControl, "0e 00 c0000000ffffffff 01 61"),
        new("4.5 a final size below what has come", FinalSize, "0e 00 0a 05 68656c6c6f 04 00 00 01"),
        new("4.5 bytes beyond the final size", FinalSize, "0f 00 0a 05 68656c6c6f 0e 00 14 01 61"),
        new("4.6 a stream beyond what is allowed", StreamLimit, "0e 90000000 00 01 00"),
        new("7.5 CRYPTO beyond the buffer", CryptoBuffer, "06 80010000 01 00"),
        new("12.4 a frame of an unknown type", FrameEncoding, "3f"),
        new("12.4 a packet without a frame", Violation, ""),
        new("13.1 ACK of what was never sent", Violation, "02 8000ffff 00 00 00"),
        new("17.3.1 reserved bits", Violation, "01 00 00 00") { Flags = 0x18 },
        new("19.3.1 ACK whose range begins before 0", FrameEncoding, "02 01 00 00 05"),
        new("RESET_STREAM on a stream that only the server sends on", Violation, "04 03 00 00")
        {
            ButShouldBe = "STREAM_STATE_ERROR (RFC 9000 §19.4)",
        },
        new("19.5 STOP_SENDING of a stream that is not there", StreamState, "05 01 00"),
        new("19.5 STOP_SENDING of a stream that only the client sends on", StreamState, "05 02 00"),
        new("19.6 CRYPTO that is cut off", FrameEncoding, "06 00 41 00"),
        new("19.7 NEW_TOKEN of a client", Violation, "07 01 00"),
        new("19.8 STREAM on one of the server's that is not there", StreamState, "0a 01 01 61"),
        new("19.8 STREAM on one that only the server sends on", StreamState, "0a 03 01 61"),
        new("19.10 MAX_STREAM_DATA of a stream that is not there", StreamState, "11 01 10"),
        new("19.10 MAX_STREAM_DATA of a stream that only the client sends on", StreamState, "11 02 10"),
        new("19.11 MAX_STREAMS above 2^60", FrameEncoding, "12 d000000000000001"),
        new("19.14 STREAMS_BLOCKED above 2^60", FrameEncoding, "16 d000000000000001"),
        new("19.15 NEW_CONNECTION_ID that retires what is above it", FrameEncoding, "18 01 02 08 0102030405060708" + Token),
        new("19.15 NEW_CONNECTION_ID of no byte", FrameEncoding, "18 01 00 00" + Token),
        new("19.15 NEW_CONNECTION_ID of 21 bytes", FrameEncoding, "18 01 00 15 0102030405060708090a0b0c0d0e0f101112131415" + Token),
        new("19.16 RETIRE_CONNECTION_ID of one that was never issued", Violation, "19 3f"),
        new("19.20 HANDSHAKE_DONE of a client", Violation, "1e"),
        new("9001 6 TLS's KeyUpdate", UnexpectedMessage, "06 00 05 1800000100"),
        new("9001 8.3 EndOfEarlyData", UnexpectedMessage, "06 00 04 05000000"),
    ];

    private static readonly Case[] HandshakeCases =
    [
        new("12.4 a packet without a frame", Violation, ""),
        new("17.2 reserved bits", Violation, "01 00 00 00") { Flags = 0x0c },
        new("17.2.4 PATH_CHALLENGE", Violation, "1a 0102030405060708"),
        new("17.2.4 STREAM", Violation, "0a 00 01 61"),
        new("9001 6 TLS's KeyUpdate", UnexpectedMessage, "06 00 05 1800000100"),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(static one => one.Name)];

    public static TheoryData<string> HandshakeNames => [.. HandshakeCases.Select(static one => one.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Packet_EndsTheConnectionWithItsCode(string name)
    {
        var expected = Cases.Single(one => one.Name == name);
        var network = Start();
        var client = network.EstablishPacketClient().Client;
        client.Send(QuicFrames.Stream(2, 0, [0, 4, 0]));
        client.Send(Hex(expected.Frames), expected.Flags);
        Assert.True(network.Run(() => client.Close is not null));
        Assert.Equal((0x1cul, expected.Code), (client.Close!.Type, client.Close.Numbers[0]));
        AssertClosed(network, expected.Code);
    }

    [Theory]
    [MemberData(nameof(HandshakeNames))]
    public void HandshakePacket_EndsTheConnectionWithItsCode(string name)
    {
        var expected = HandshakeCases.Single(one => one.Name == name);
        var network = Start();
        var client = network.AddPacketClient().Client;
        client.OnHandshakeKeys = () => client.SendHandshake(Hex(expected.Frames), expected.Flags);
        Assert.True(network.Run(() => network.Node.Closed.Count == 1));
        AssertClosed(network, expected.Code);
    }

    [Fact]
    public void Deviations_HaveTheirReasonInTheDocument()
    {
        var document = Repository.Read("docs/hardening.md");
        Assert.All(
            Cases.Where(static one => one.ButShouldBe is not null),
            one => Assert.Contains($"| {one.Name} | {one.ButShouldBe} |", document, StringComparison.Ordinal));
    }

    private static void AssertClosed(Network network, ulong code)
    {
        var reason = Assert.Single(network.Node.Closed);
        Assert.Equal((CloseKind.Transport, code), (reason.Kind, reason.Code));
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));
}
