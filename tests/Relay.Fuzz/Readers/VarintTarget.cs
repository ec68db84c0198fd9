using Relay.Fuzz.Engine;
using Relay.Protocol;

namespace Relay.Fuzz.Readers;

/// <summary>RFC 9000 §16.</summary>
internal sealed class VarintTarget() : FuzzTarget(
    "the value is that of its bits; the shortest encoding is read back; no prefix of it is one")
{
    public override void Run(ReadOnlySpan<byte> input)
    {
        var isRead = VariableLengthInteger.TryRead(input, out var value, out var consumed);
        var length = input.IsEmpty ? int.MaxValue : 1 << (input[0] >> 6);
        Check.Same(input.Length >= length, isRead, "read where it is whole");
        if (!isRead)
        {
            Check.Same((0ul, 0), (value, consumed), "nothing is read");
            return;
        }
        var expected = (ulong)(input[0] & 0x3f);
        foreach (var next in input[1..length])
            expected = (expected << 8) | next;
        Check.Same((expected, length), (value, consumed), "value and length");

        Span<byte> shortest = stackalloc byte[VariableLengthInteger.MaxLength];
        Check.That(VariableLengthInteger.TryWrite(shortest, value, out var written), "written");
        Check.Same(VariableLengthInteger.GetLength(value), written, "its length");
        Check.That(written <= consumed, "not longer than it came");
        Check.That(VariableLengthInteger.TryRead(shortest[..written], out var again, out _), "read back");
        Check.Same(value, again, "the same value");
        for (var cut = 0; cut < written; cut++)
        {
            Check.That(!VariableLengthInteger.TryRead(shortest[..cut], out _, out _), "a prefix is not read");
            Check.That(!VariableLengthInteger.TryWrite(shortest[..cut], value, out _), "what has no room is not written");
        }
    }
}
