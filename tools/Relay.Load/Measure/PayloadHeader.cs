using System.Buffers.Binary;

namespace Relay.Load.Measure;

/// <summary>What every measured datagram begins with.</summary>
/// <param name="Sequence">Counts up in each flow.</param>
/// <param name="Flow">Number of the tunnel.</param>
/// <param name="Slot">The place in the sender's window.</param>
internal readonly record struct PayloadHeader(ulong Sequence, uint Flow, uint Slot)
{
    /// <summary>Its length, and so the smallest measured datagram, in bytes.</summary>
    public const int Size = 16;

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, Sequence);
        BinaryPrimitives.WriteUInt32BigEndian(destination[8..], Flow);
        BinaryPrimitives.WriteUInt32BigEndian(destination[12..], Slot);
    }

    public static bool TryRead(ReadOnlySpan<byte> payload, out PayloadHeader header)
    {
        header = default;
        if (payload.Length < Size)
            return false;
        header = new PayloadHeader(
            BinaryPrimitives.ReadUInt64BigEndian(payload), BinaryPrimitives.ReadUInt32BigEndian(payload[8..]),
            BinaryPrimitives.ReadUInt32BigEndian(payload[12..]));
        return true;
    }

    /// <summary>Whether what follows the header is what was sent, in full.</summary>
    public bool BodyMatches(ReadOnlySpan<byte> payload, int size) =>
        payload.Length == size && payload[Size..].SequenceEqual(BytePattern.Body(Sequence, size - Size));
}
