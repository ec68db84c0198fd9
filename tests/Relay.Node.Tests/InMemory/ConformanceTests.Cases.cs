using Relay.Protocol;

namespace Relay.Node.Tests.InMemory;

/// <content>The cases, by the section that they are of.</content>
public sealed partial class ConformanceTests
{
    private const string Settings = "00 04 00 ";
    private const string Connect = "cf 50 09 61 2e 74 65 73 74 3a 38 30";

    private static Case Control(string name, ulong code, string frames) =>
        new(name, Broken.Connection, code) { Unidirectional = [frames] };

    private static Case Fine(string name, params string[] streams) =>
        new(name, Broken.Nothing, 0) { Unidirectional = streams };

    private static Case Streams(string name, ulong code, params string[] streams) =>
        new(name, Broken.Connection, code) { Unidirectional = streams };

    private static Case Request(string name, ulong code, string frames, bool ends = false) =>
        new(name, Broken.Connection, code) { Request = frames, Ends = ends };

    /// <summary>HEADERS with CONNECT, and then fields that are given as they are encoded.</summary>
    private static string Fields(string encoded)
    {
        var section = Hex("00 00 " + Connect + encoded);
        return "01" + Integer(section.Length) + Convert.ToHexString(section);
    }

    private static string Literal(string name, string value) => Convert.ToHexString(Http3Bytes.Literal(name, value));

    /// <summary>A field that is malformed, and taken for one.</summary>
    private static Case Taken(string what, string name, string value) => new(what, Broken.Nothing, 0)
    {
        Request = Fields(Literal(name, value)),
        Status = 200,
        ButShouldBe = "400, or H3_MESSAGE_ERROR",
    };

    private static string Integer(int value)
    {
        var bytes = new byte[8];
        return Convert.ToHexString(bytes, 0, VariableLengthInteger.Write(bytes, (ulong)value));
    }

    private static readonly Case[] Cases =
    [
        new("4.1 an empty request stream", Broken.Stream, Http3ErrorCode.RequestIncomplete) { Request = "", Ends = true },
        Request("4.1 DATA first", Http3ErrorCode.FrameUnexpected, "00 01 61"),
        Request("4.1 a third HEADERS", Http3ErrorCode.FrameUnexpected,
            "01 0e 00 00 " + Connect + " 01 05 00 00 21 78 00 01 05 00 00 21 78 00"),
        Fine("5.2 GOAWAY that falls", Settings + "07 01 08 07 01 04"),
        Control("5.2 GOAWAY that rises", Http3ErrorCode.IdError, Settings + "07 01 04 07 01 08"),
        Streams("6.2.1 two control streams", Http3ErrorCode.StreamCreationError, Settings, Settings),
        Streams("6.2.2 a push stream of a client", Http3ErrorCode.StreamCreationError, "01 00"),
        Fine("6.2.3 a stream of a reserved type", Settings, "21 01 02 03"),
        Request("7.1 DATA that its stream cuts short", Http3ErrorCode.FrameError, Fields("") + "00 05 61", ends: true),
        Control("7.1 SETTINGS that are cut short", Http3ErrorCode.FrameError, "00 04 01 06"),
        Control("7.1 GOAWAY with a trailing byte", Http3ErrorCode.FrameError, Settings + "07 02 00 00"),
        Control("7.1 GOAWAY without an identifier", Http3ErrorCode.FrameError, Settings + "07 00"),
        Control("7.1 MAX_PUSH_ID with a trailing byte", Http3ErrorCode.FrameError, Settings + "0d 02 05 00"),
        Control("7.1 CANCEL_PUSH with a trailing byte", Http3ErrorCode.FrameError, Settings + "03 02 00 00"),
        Control("7.2.1 DATA on the control stream", Http3ErrorCode.FrameUnexpected, Settings + "00 01 61"),
        Control("7.2.2 HEADERS on the control stream", Http3ErrorCode.FrameUnexpected, Settings + "01 01 61"),
        Control("7.2.3 CANCEL_PUSH of what was never promised", Http3ErrorCode.IdError, Settings + "03 01 00"),
        Request("7.2.3 CANCEL_PUSH on a request stream", Http3ErrorCode.FrameUnexpected, "03 01 00"),
        Control("7.2.4 no SETTINGS first", Http3ErrorCode.MissingSettings, "00 07 01 00"),
        Control("7.2.4 SETTINGS twice", Http3ErrorCode.FrameUnexpected, Settings + "04 00"),
        Request("7.2.4 SETTINGS on a request stream", Http3ErrorCode.FrameUnexpected, "04 00"),
        Control("7.2.4.1 a setting of HTTP/2", Http3ErrorCode.SettingsError, "00 04 02 02 00"),
        Request("7.2.5 PUSH_PROMISE of a client", Http3ErrorCode.FrameUnexpected, "05 03 00 00 00"),
        Control("7.2.5 PUSH_PROMISE on the control stream", Http3ErrorCode.FrameUnexpected, Settings + "05 03 00 00 00"),
        Request("7.2.6 GOAWAY on a request stream", Http3ErrorCode.FrameUnexpected, "07 01 00"),
        Fine("7.2.7 MAX_PUSH_ID that rises", Settings + "0d 01 04 0d 01 05"),
        Control("7.2.7 MAX_PUSH_ID that falls", Http3ErrorCode.IdError, Settings + "0d 01 05 0d 01 04"),
        Request("7.2.7 MAX_PUSH_ID on a request stream", Http3ErrorCode.FrameUnexpected, "0d 01 04"),
        Control("7.2.8 a frame of HTTP/2 on the control stream", Http3ErrorCode.FrameUnexpected, Settings + "06 00"),
        Request("7.2.8 a frame of HTTP/2 on a request stream", Http3ErrorCode.FrameUnexpected, "02 00"),
        Fine("7.2.8 a reserved frame", Settings + "21 03 01 02 03"),
        Streams("9204 3.2.3 a table beyond its limit", Http3ErrorCode.QpackEncoderStreamError, Settings, "02 3f e2 7f"),
        Streams("9204 4.2 two encoder streams", Http3ErrorCode.StreamCreationError, Settings, "02", "02"),
        Streams("9204 4.2 two decoder streams", Http3ErrorCode.StreamCreationError, Settings, "03", "03"),
        Streams("9204 4.3.2 a name that is not in the static table", Http3ErrorCode.QpackEncoderStreamError,
            Settings, "02 3f 21 ff 24 01 61"),
        Streams("9204 4.4.1 an acknowledgement of no section", Http3ErrorCode.QpackDecoderStreamError, Settings, "03 84"),
        Streams("9204 4.4.3 an increment of 0", Http3ErrorCode.QpackDecoderStreamError, Settings, "03 00"),
        Request("9204 4.5.2 an entry that is not in the static table", Http3ErrorCode.QpackDecompressionFailed,
            "01 04 00 00 ff 24"),
        Request("9204 4.5.1 a section that needs what is not in the table", Http3ErrorCode.QpackDecompressionFailed,
            "01 04 ff ff 00 80"),
        Control("9297 2.1.1 H3_DATAGRAM of 2", Http3ErrorCode.SettingsError, "00 04 02 33 02"),
        new("a field name of 300 bytes", Broken.Connection, Http3ErrorCode.ExcessiveLoad)
        {
            Request = Fields(Literal(new string('x', 300), "y")),
            ButShouldBe = "431",
        },
        new("a field value of 66 KB", Broken.Connection, Http3ErrorCode.ExcessiveLoad)
        {
            Request = Fields(Literal("x", new string('y', 66_000))),
            ButShouldBe = "431",
        },
        Taken("a field value with NUL", "x", "a\0b"),
        Taken("a field value with CR and LF", "x", "a\r\nb"),
        Taken("a field name with a space", "x y", "z"),
        Taken("a field name with a colon", "x:y", "z"),
        Taken("a field without a name", "", "z"),
    ];
}
