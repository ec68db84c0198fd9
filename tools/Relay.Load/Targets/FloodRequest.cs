using System.Buffers.Binary;

namespace Relay.Load.Targets;

/// <summary>
/// What a client asks of the UDP source: datagrams of a size, at a rate. It holds for a second; a client that wants
/// more asks again, so that a source never floods where nobody listens.
/// </summary>
/// <param name="Size">Bytes of each datagram; 0 stops the flow.</param>
/// <param name="Rate">Datagrams a second; 0 for as many as possible.</param>
internal readonly record struct FloodRequest(int Size, long Rate)
{
    public const int Length = 16;

    /// <summary>How long a request holds, in nanoseconds.</summary>
    public const ulong Life = 1_000_000_000;

    private const uint Magic = 0x464c4f44;

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, Magic);
        BinaryPrimitives.WriteInt32BigEndian(destination[4..], Size);
        BinaryPrimitives.WriteInt64BigEndian(destination[8..], Rate);
    }

    public static bool TryRead(ReadOnlySpan<byte> payload, out FloodRequest request)
    {
        request = default;
        if (payload.Length != Length || BinaryPrimitives.ReadUInt32BigEndian(payload) != Magic)
            return false;
        request = new FloodRequest(
            BinaryPrimitives.ReadInt32BigEndian(payload[4..]), BinaryPrimitives.ReadInt64BigEndian(payload[8..]));
        return request.Size is >= 0 and <= 65507 && request.Rate >= 0;
    }
}
