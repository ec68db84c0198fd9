using Relay.Protocol;

namespace Relay.Testing.Quic;

/// <summary>Writes frames (RFC 9000 §19) as they are said to be, right or wrong.</summary>
public static class QuicFrames
{
    public const ulong Ping = 0x01;
    public const ulong Ack = 0x02;
    public const ulong ResetStream = 0x04;
    public const ulong StopSending = 0x05;
    public const ulong Crypto = 0x06;
    public const ulong StreamAtOffset = 0x0e;
    public const ulong MaxData = 0x10;
    public const ulong MaxStreamData = 0x11;
    public const ulong MaxBidirectionalStreams = 0x12;
    public const ulong Datagram = 0x31;

    /// <summary>Integers, one after the other.</summary>
    public static byte[] Of(params ReadOnlySpan<ulong> numbers)
    {
        var bytes = new byte[numbers.Length * VariableLengthInteger.MaxLength];
        var written = 0;
        foreach (var number in numbers)
            written += VariableLengthInteger.Write(bytes.AsSpan(written), number);
        return bytes[..written];
    }

    public static byte[] Stream(ulong id, ulong offset, ReadOnlySpan<byte> data, bool fin = false) =>
        [.. Of(StreamAtOffset | (fin ? 1u : 0u), id, offset, (ulong)data.Length), .. data];

    public static byte[] CryptoAt(ulong offset, ReadOnlySpan<byte> data) => [.. Of(Crypto, offset, (ulong)data.Length), .. data];

    public static byte[] Reset(ulong id, ulong code, ulong finalSize) => Of(ResetStream, id, code, finalSize);

    public static byte[] Stop(ulong id, ulong code) => Of(StopSending, id, code);

    public static byte[] DatagramOf(ReadOnlySpan<byte> data) => [.. Of(Datagram, (ulong)data.Length), .. data];

    /// <summary>One range, from the first to the last number.</summary>
    public static byte[] Acknowledge(ulong first, ulong last) => Of(Ack, last, 0, 0, last - first);
}
