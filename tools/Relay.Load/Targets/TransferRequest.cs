using System.Buffers.Binary;
using Relay.Load.Measure;

namespace Relay.Load.Targets;

/// <summary>The first bytes to the TCP source or sink: how much follows, and how it is verified.</summary>
/// <param name="Bytes">To send, by whichever side sends.</param>
/// <param name="Verify">Which digest the target appends (source) or answers (sink).</param>
internal readonly record struct TransferRequest(long Bytes, VerifyMode Verify)
{
    public const int Length = 16;

    private const uint Magic = 0x58464552;

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination, Magic);
        BinaryPrimitives.WriteInt32BigEndian(destination[4..], (int)Verify);
        BinaryPrimitives.WriteInt64BigEndian(destination[8..], Bytes);
    }

    public static bool TryRead(ReadOnlySpan<byte> source, out TransferRequest request)
    {
        var verify = (VerifyMode)BinaryPrimitives.ReadInt32BigEndian(source[4..]);
        request = new TransferRequest(BinaryPrimitives.ReadInt64BigEndian(source[8..]), verify);
        return BinaryPrimitives.ReadUInt32BigEndian(source) == Magic && request.Bytes >= 0
            && Enum.IsDefined(verify);
    }
}
