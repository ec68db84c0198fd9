using Relay.Protocol;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>Reads what an HTTP/3 control stream carries (RFC 9114 §6.2.1, §7.2), by itself.</summary>
internal static class ControlStream
{
    private const ulong StreamType = 0;
    private const ulong SettingsFrame = 4;
    private const ulong GoAwayFrame = 7;

    /// <summary>The settings of the first frame, which must be SETTINGS.</summary>
    public static Dictionary<ulong, ulong> ReadSettings(ReadOnlySpan<byte> stream)
    {
        Assert.Equal(StreamType, ReadInteger(ref stream));
        Assert.Equal(SettingsFrame, ReadInteger(ref stream));
        var frame = TakeFrame(ref stream);
        var settings = new Dictionary<ulong, ulong>();
        while (!frame.IsEmpty)
            settings.Add(ReadInteger(ref frame), ReadInteger(ref frame));
        return settings;
    }

    /// <summary>The identifiers of all GOAWAY frames, in order.</summary>
    public static List<ulong> ReadGoAways(ReadOnlySpan<byte> stream)
    {
        var ids = new List<ulong>();
        ReadInteger(ref stream);
        while (!stream.IsEmpty)
        {
            var type = ReadInteger(ref stream);
            var frame = TakeFrame(ref stream);
            if (type == GoAwayFrame)
                ids.Add(ReadInteger(ref frame));
        }
        return ids;
    }

    private static ReadOnlySpan<byte> TakeFrame(ref ReadOnlySpan<byte> stream)
    {
        var length = (int)ReadInteger(ref stream);
        var frame = stream[..length];
        stream = stream[length..];
        return frame;
    }

    private static ulong ReadInteger(ref ReadOnlySpan<byte> source)
    {
        Assert.True(VariableLengthInteger.TryRead(source, out var value, out var consumed));
        source = source[consumed..];
        return value;
    }
}
