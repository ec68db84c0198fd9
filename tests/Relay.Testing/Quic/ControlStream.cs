namespace Relay.Testing.Quic;

/// <summary>Reads what an HTTP/3 control stream carries (RFC 9114 §6.2.1, §7.2), by itself.</summary>
public static class ControlStream
{
    private const ulong StreamType = 0;
    private const ulong SettingsFrame = 4;
    private const ulong GoAwayFrame = 7;

    /// <summary>The settings of the first frame, which must be SETTINGS, and name nothing twice.</summary>
    public static Dictionary<ulong, ulong> ReadSettings(ReadOnlySpan<byte> stream)
    {
        Assert.Equal(StreamType, WireReader.Integer(ref stream));
        Assert.Equal(SettingsFrame, WireReader.Integer(ref stream));
        ReadOnlySpan<byte> frame = WireReader.Block(ref stream);
        var settings = new Dictionary<ulong, ulong>();
        while (!frame.IsEmpty)
            settings.Add(WireReader.Integer(ref frame), WireReader.Integer(ref frame));
        return settings;
    }

    /// <summary>The identifiers of all GOAWAY frames, in order.</summary>
    public static List<ulong> ReadGoAways(ReadOnlySpan<byte> stream)
    {
        var ids = new List<ulong>();
        WireReader.Integer(ref stream);
        while (!stream.IsEmpty)
        {
            var type = WireReader.Integer(ref stream);
            ReadOnlySpan<byte> frame = WireReader.Block(ref stream);
            if (type == GoAwayFrame)
                ids.Add(WireReader.Integer(ref frame));
        }
        return ids;
    }
}
