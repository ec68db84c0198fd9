namespace Relay.Interop.Tests.Wire;

/// <summary>The beginning of an HTTP/3 control stream (RFC 9114 sections 6.2.1 and 7.2.4).</summary>
internal static class ControlStream
{
    public const ulong EnableConnectProtocol = 0x08; // RFC 9220
    public const ulong Http3Datagram = 0x33; // RFC 9297

    private const ulong ControlType = 0x00;
    private const ulong SettingsFrame = 0x04;

    /// <summary>The settings, which are the stream's first frame and name nothing twice.</summary>
    public static IReadOnlyDictionary<ulong, ulong> ReadSettings(ReadOnlySpan<byte> stream)
    {
        Assert.Equal(ControlType, QuicVarint.Read(ref stream));
        Assert.Equal(SettingsFrame, QuicVarint.Read(ref stream));
        var frame = QuicVarint.ReadBytes(ref stream);
        var settings = new Dictionary<ulong, ulong>();
        while (!frame.IsEmpty)
            settings.Add(QuicVarint.Read(ref frame), QuicVarint.Read(ref frame));
        return settings;
    }
}
