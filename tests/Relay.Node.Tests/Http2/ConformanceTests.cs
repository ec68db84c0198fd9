using Relay.Protocol;
using static Relay.Node.Tests.Http2.Frames;

namespace Relay.Node.Tests.Http2;

/// <summary>
/// What RFC 9113 says of frames that are wrong, section by section, in the order of h2spec's cases: what is broken is
/// the stream, the connection, or nothing.
/// </summary>
public sealed class ConformanceTests
{
    private const uint Protocol = Http2ErrorCode.ProtocolError;
    private const uint Size = Http2ErrorCode.FrameSizeError;
    private const uint Flow = Http2ErrorCode.FlowControlError;
    private const uint Closed = Http2ErrorCode.StreamClosed;
    private const uint Compression = Http2ErrorCode.CompressionError;

    private static readonly byte[] Open = Request(1, Connect);
    private static readonly byte[] OpenEnded = Request(1, Connect, ends: true);
    private static readonly byte[] EightBytes = [1, 2, 3, 4, 5, 6, 7, 8];

    private enum Broken
    {
        Nothing,
        Stream,
        Connection,
    }

    /// <summary>Frames after the beginning of a connection, and what they break.</summary>
    private sealed record Case(string Name, Broken What, uint Code, params byte[][] Sent);

    private static Case Dead(string name, uint code, params byte[][] sent) =>
        new(name, Broken.Connection, code, sent);

    private static Case Reset(string name, uint code, params byte[][] sent) => new(name, Broken.Stream, code, sent);

    private static Case Fine(string name, params byte[][] sent) => new(name, Broken.Nothing, 0, sent);

    private static Case Malformed(string name, params (string, string)[] fields) =>
        Reset(name, Protocol, Request(1, Fields(fields), ends: true));

    private static readonly Case[] Cases =
    [
        Fine("4.1 a type that is not known", Write(0x16, 0, 0, EightBytes)),
        Fine("4.1 flags that are not defined", Write(Ping, 0xfe, 0, EightBytes)),
        Fine("4.1 the reserved bit", Write(Ping, 0, int.MinValue, EightBytes)),
        Fine("4.2 DATA of the largest size", Open, Write(Data, 0, 1, new byte[16 * 1024])),
        Dead("4.2 DATA that is too large", Size, Open, Write(Data, 0, 1, new byte[(16 * 1024) + 1])),
        Dead("4.2 HEADERS that are too large", Size, Write(Headers, EndHeaders, 1, new byte[(16 * 1024) + 1])),
        Dead("4.3 an index of no entry", Compression, Request(1, [0x80])),
        Dead("4.3 a section in the midst of another's", Protocol,
            Write(Headers, 0, 1, Connect), Write(Headers, EndHeaders, 3, Connect)),
        Dead("4.3 PRIORITY in the midst of a section", Protocol,
            Write(Headers, 0, 1, Connect), Write(Priority, 0, 1, [0, 0, 0, 0, 1])),
        Dead("5.1 idle, DATA", Protocol, Write(Data, EndStream, 1, EightBytes)),
        Dead("5.1 idle, RST_STREAM", Protocol, Write(ResetStream, 0, 1, Number(8))),
        Dead("5.1 idle, WINDOW_UPDATE", Protocol, Update(1, 100)),
        Dead("5.1 idle, CONTINUATION", Protocol, Write(Continuation, EndHeaders, 1, Connect)),
        Dead("5.1 half-closed, DATA", Closed, OpenEnded, Write(Data, EndStream, 1, EightBytes)),
        Dead("5.1 half-closed, HEADERS", Closed, OpenEnded, Request(1, Connect)),
        Dead("5.1 half-closed, CONTINUATION", Protocol, OpenEnded, Write(Continuation, EndHeaders, 1, Connect)),
        Dead("5.1 closed, CONTINUATION", Protocol, Open, Write(ResetStream, 0, 1, Number(8)),
            Write(Continuation, EndHeaders, 1, Connect)),
        Dead("5.1.1 a stream of the server's", Protocol, Request(2, Connect)),
        // The first use of a stream closes those below it, and what comes for a closed one may have been on its way.
        Fine("5.1.1 a smaller stream", Request(5, Connect), Request(3, Connect)),
        Dead("5.5 an unknown frame in the midst of a section", Protocol,
            Write(Headers, 0, 1, Connect), Write(0x16, 0, 0, EightBytes)),
        Dead("6.1 DATA of no stream", Protocol, Write(Data, 0, 0, EightBytes)),
        Dead("6.1 DATA with more padding than payload", Protocol, Open, Write(Data, Padded, 1, [9, 1, 2])),
        Dead("6.2 HEADERS of no stream", Protocol, Request(0, Connect)),
        Dead("6.2 HEADERS with more padding than payload", Protocol,
            Write(Headers, EndHeaders | Padded, 1, [200, .. Connect])),
        // SETTINGS_NO_RFC7540_PRIORITIES (RFC 9218 §2.1): these frames are not looked at.
        Fine("6.3 PRIORITY of no stream", Write(Priority, 0, 0, [0, 0, 0, 0, 1])),
        Fine("5.3.1 a stream that depends on itself", Open, Write(Priority, 0, 1, [0, 0, 0, 1, 1])),
        Dead("6.4 RST_STREAM of no stream", Protocol, Write(ResetStream, 0, 0, Number(8))),
        Dead("6.4 RST_STREAM of another size", Size, Open, Write(ResetStream, 0, 1, [1, 2, 3])),
        Dead("6.5 ACK with a payload", Size, Write(Settings, Ack, 0, [0])),
        Dead("6.5 SETTINGS of a stream", Protocol, Write(Settings, 0, 1, [])),
        Dead("6.5 SETTINGS of another size", Size, Write(Settings, 0, 0, [0, 3, 0])),
        Dead("6.5.2 ENABLE_PUSH of another value", Protocol, Setting(2, 2)),
        Dead("6.5.2 INITIAL_WINDOW_SIZE above the largest", Flow, Setting(4, 0x8000_0000)),
        Dead("6.5.2 MAX_FRAME_SIZE below the smallest", Protocol, Setting(5, 16_383)),
        Dead("6.5.2 MAX_FRAME_SIZE above the largest", Protocol, Setting(5, 0x100_0000)),
        Fine("6.5.2 a setting that is not known", Setting(0xff, 1)),
        Dead("6.7 PING of a stream", Protocol, Write(Ping, 0, 1, EightBytes)),
        Dead("6.7 PING of another size", Size, Write(Ping, 0, 0, [1, 2])),
        Fine("6.7 an answer to no PING", Write(Ping, Ack, 0, EightBytes)),
        Dead("6.8 GOAWAY of a stream", Protocol, Write(GoAway, 0, 1, EightBytes)),
        Dead("6.9 WINDOW_UPDATE of nothing for the connection", Protocol, Update(0, 0)),
        Dead("6.9 WINDOW_UPDATE of nothing for a stream", Protocol, Open, Update(1, 0)),
        Dead("6.9 WINDOW_UPDATE of another size", Size, Write(WindowUpdate, 0, 0, [1, 2, 3])),
        Dead("6.9.1 a window of the connection above the largest", Flow, Update(0, int.MaxValue), Update(0, 1)),
        Reset("6.9.1 a window of a stream above the largest", Flow, Open, Update(1, int.MaxValue)),
        // The RFC has it end the connection; nghttp2 ends the stream that it is too much for.
        Reset("6.9.2 INITIAL_WINDOW_SIZE that is too much for a stream", Flow, Open, Update(1, 0x7000_0000),
            Setting(4, 0x7000_0000)),
        Dead("6.10 CONTINUATION of a section that has ended", Protocol, Open,
            Write(Continuation, EndHeaders, 1, Connect)),
        Dead("6.10 CONTINUATION of no stream", Protocol, Write(Headers, 0, 1, Connect),
            Write(Continuation, EndHeaders, 0, [])),
        Fine("6.10 a section in three frames", Write(Headers, 0, 1, Connect.AsSpan(0, 3)),
            Write(Continuation, 0, 1, Connect.AsSpan(3, 9)), Write(Continuation, EndHeaders, 1, Connect.AsSpan(12))),
        Malformed("8.2.1 a name in upper case", (":method", "CONNECT"), (":authority", "a.test:1"), ("X-Y", "z")),
        Malformed("8.2.1 a line break", (":method", "CONNECT"), (":authority", "a.test:1"), ("x", "a\nb")),
        Malformed("8.2.2 connection", (":method", "CONNECT"), (":authority", "a.test:1"), ("connection", "close")),
        Malformed("8.2.2 te", (":method", "CONNECT"), (":authority", "a.test:1"), ("te", "gzip")),
        Malformed("8.3 a pseudo-header that is not known",
            (":method", "CONNECT"), (":authority", "a.test:1"), (":test", "x")),
        Malformed("8.3 one of responses", (":method", "CONNECT"), (":authority", "a.test:1"), (":status", "200")),
        Malformed("8.3 one after a field", (":method", "CONNECT"), ("x", "y"), (":authority", "a.test:1")),
        Malformed("8.3.1 no method", (":scheme", "https"), (":authority", "a.test"), (":path", "/")),
        Malformed("8.3.1 no scheme", (":method", "GET"), (":authority", "a.test"), (":path", "/")),
        Malformed("8.3.1 an empty path", (":method", "GET"), (":scheme", "https"), (":authority", "a"), (":path", "")),
        Malformed("8.3.1 two methods", (":method", "CONNECT"), (":method", "CONNECT"), (":authority", "a.test:1")),
        Malformed("8.5 CONNECT with a scheme", (":method", "CONNECT"), (":scheme", "https"), (":authority", "a:1")),
        Malformed("8.5 CONNECT without a target", (":method", "CONNECT")),
        Reset("8.1 trailers with a pseudo-header", Protocol, Open,
            Write(Headers, EndHeaders | EndStream, 1, Fields((":method", "CONNECT")))),
        Reset("8.1 trailers that do not end the stream", Protocol, Open, Request(1, Fields(("x", "y")))),
        Fine("8.1 trailers", Open, Request(1, Fields(("x", "y")), ends: true)),
        Reset("8.1.1 more content than was said", Protocol,
            Request(1, [.. Get, .. Fields(("content-length", "3"))]), Write(Data, EndStream, 1, EightBytes)),
        Dead("8.4 PUSH_PROMISE", Protocol, Open, Write(PushPromise, EndHeaders, 1, [0, 0, 0, 2, .. Get])),
    ];

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
