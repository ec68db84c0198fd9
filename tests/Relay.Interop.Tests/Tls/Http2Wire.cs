using System.Buffers.Binary;
using Relay.Testing.Http2;

namespace Relay.Interop.Tests.Tls;

/// <summary>HTTP/2 as a client of a test speaks and hears it.</summary>
internal static class Http2Wire
{
    /// <summary>What a client says first, whose windows have no end: SETTINGS_INITIAL_WINDOW_SIZE, and the connection's.</summary>
    public static byte[] Preface { get; } =
        [.. Frames.Preface, .. Frames.Setting(4, int.MaxValue), .. Frames.Update(0, 0x7fff0000)];

    /// <summary>Reads the next frame.</summary>
    public static async Task<(byte Type, byte Flags, byte[] Payload)> ReadFrameAsync(Stream stream, CancellationToken cancel)
    {
        var head = new byte[9];
        await stream.ReadExactlyAsync(head, cancel);
        var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >> 8];
        await stream.ReadExactlyAsync(payload, cancel);
        return (head[3], head[4], payload);
    }
}
