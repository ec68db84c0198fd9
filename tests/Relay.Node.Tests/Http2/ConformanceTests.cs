using Relay.Protocol;
using static Relay.Testing.Http2.Frames;

namespace Relay.Node.Tests.Http2;

/// <summary>
/// What RFC 9113 says of frames that are wrong, section by section, in the order of h2spec's cases: what is broken is
/// the stream, the connection, or nothing.
/// </summary>
public sealed partial class ConformanceTests
{
    private const uint Protocol = Http2ErrorCode.ProtocolError;
    private const uint Size = Http2ErrorCode.FrameSizeError;
    private const uint Flow = Http2ErrorCode.FlowControlError;
    private const uint Closed = Http2ErrorCode.StreamClosed;
    private const uint Compression = Http2ErrorCode.CompressionError;

    private enum Broken
    {
        Nothing,
        Stream,
        Connection,
    }

    /// <summary>Frames after the beginning of a connection, and what they break.</summary>
    private sealed record Case(string Name, Broken What, uint Code, params byte[][] Sent)
    {
        /// <summary>Frames that follow once the relay has answered.</summary>
        public byte[][] Then { get; init; } = [];
    }

    private static Case Dead(string name, uint code, params byte[][] sent) =>
        new(name, Broken.Connection, code, sent);

    private static Case Reset(string name, uint code, params byte[][] sent) => new(name, Broken.Stream, code, sent);

    private static Case Fine(string name, params byte[][] sent) => new(name, Broken.Nothing, 0, sent);

    private static Case Malformed(string name, params (string, string)[] fields) =>
        Reset(name, Protocol, Request(1, Fields(fields), ends: true));

    public static TheoryData<string> Names => [.. Cases.Select(static one => one.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Frames_BreakWhatTheyMust(string name)
    {
        var expected = Cases.Single(one => one.Name == name);
        foreach (var piece in (int[])[int.MaxValue, 1])
        {
            using var peer = new RawPeer();
            peer.SendInPieces(piece, [.. expected.Sent.SelectMany(static frame => frame)]);
            peer.SendInPieces(piece, [.. expected.Then.SelectMany(static frame => frame)]);
            switch (expected.What)
            {
                case Broken.Connection:
                    peer.AssertEndedWith(expected.Code);
                    break;
                case Broken.Stream:
                    Assert.Equal((expected.Code, null), (peer.ResetCodeOf(1), peer.GoAwayCode));
                    Assert.True(peer.IsAlive());
                    break;
                default:
                    Assert.Null(peer.GoAwayCode);
                    Assert.True(peer.IsAlive());
                    break;
            }
            peer.AssertClean();
        }
    }

    // RFC 9113 §3.4.
    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: relay.test\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\r")]
    public void Preface_OfAnother_IsAProtocolError(string preface)
    {
        using var peer = new RawPeer(speaks: false);
        peer.Send(System.Text.Encoding.ASCII.GetBytes(preface));
        peer.AssertEndedWith(Protocol);
    }

    [Fact]
    public void FirstFrame_IsNotSettings_IsAProtocolError()
    {
        using var peer = new RawPeer(speaks: false);
        peer.Send(Preface, Write(Ping, 0, 0, EightBytes));
        peer.AssertEndedWith(Protocol);
    }

    // RFC 9113 §7: "Unknown or unsupported error codes MUST NOT trigger any special behavior."
    [Fact]
    public void GoAway_OfACodeThatIsNotKnown_IsAnEndAsAnyOther()
    {
        using var peer = new RawPeer();
        peer.Send(Write(GoAway, 0, 0, [0, 0, 0, 0, .. Number(0xff)]));
        Assert.Equal((true, 0xfful), (peer.Carrier.IsClosed, peer.Carrier.CloseFacts.Code));
        Assert.Null(peer.GoAwayCode);
        peer.AssertClean();
    }

    [Fact]
    public void Relay_BeginsWithWhatItAllows()
    {
        using var peer = new RawPeer(speaks: false);
        peer.Settle();
        Assert.Equal([Settings, WindowUpdate], peer.Received.Select(static frame => frame.Type));
        byte[] expected =
        [
            .. Setting(6, 1000)[9..], .. Setting(3, 100)[9..], .. Setting(4, 16 * 1024)[9..], .. Setting(8, 1)[9..],
            .. Setting(9, 1)[9..],
        ];
        Assert.Equal(expected, peer.Received[0].Payload);
        Assert.Equal(Number((17 * 256 * 1024) - 65_535), peer.Received[1].Payload);
    }

    [Fact]
    public void Settings_AreAcknowledgedAndPingsAnswered()
    {
        using var peer = new RawPeer();
        Assert.Contains(peer.Received, static frame => frame is { Type: Settings, Flags: Ack, Payload.Length: 0 });
        peer.Send(Write(Ping, 0, 0, "abcdefgh"u8));
        Assert.Equal("abcdefgh"u8, Assert.Single(peer.Received, static frame => frame.Type == Ping).Payload);
    }

    // RFC 9113 §5.1.2: "a stream error … of type PROTOCOL_ERROR or REFUSED_STREAM".
    [Fact]
    public void Streams_MoreThanAllowed_AreRefusedBeforeTheClientKnows()
    {
        using var peer = new RawPeer(speaks: false, Http2World.Default with { MaxConcurrentStreams = 2 });
        peer.Send(Preface, Write(Settings, 0, 0, []), Request(1, Connect), Request(3, Connect), Request(5, Connect));
        Assert.Equal((true, true, false), (peer.IsAnswered(1), peer.IsAnswered(3), peer.IsAnswered(5)));
        Assert.Equal(Http2ErrorCode.RefusedStream, peer.ResetCodeOf(5));
        Assert.Equal(1, peer.World.Loop.Counters.RefusedStreams);
        peer.AssertClean();
    }
}
