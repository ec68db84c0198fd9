using Relay.Fuzz.Engine;
using Relay.Protocol;

namespace Relay.Fuzz.Readers;

/// <summary>RFC 9297 §2.1, RFC 9298 §5.</summary>
internal sealed class DatagramTarget() : FuzzTarget(
    "quarter stream ID and context ID are within their ranges, and are read back as written")
{
    public override void Run(ReadOnlySpan<byte> input)
    {
        var result = HttpDatagram.Read(input, out var quarter, out var consumed);
        var isInteger = VariableLengthInteger.TryRead(input, out var integer, out var length);
        var expected = !isInteger ? HttpDatagramReadResult.Truncated
            : integer > HttpDatagram.MaxQuarterStreamId ? HttpDatagramReadResult.InvalidQuarterStreamId
            : HttpDatagramReadResult.Success;
        Check.Same(expected, result, "outcome");
        if (result != HttpDatagramReadResult.Success)
        {
            Check.Same((0ul, 0), (quarter, consumed), "nothing is read");
            return;
        }
        Check.Same((integer, length), (quarter, consumed), "the integer");
        if (!HttpDatagram.ReadContextId(input[consumed..], out var context, out _))
            return;
        var stream = (long)quarter * 4;
        Span<byte> prefix = stackalloc byte[HttpDatagram.MaxPrefixLength];
        var written = HttpDatagram.WritePrefix(prefix, stream, context);
        Check.Same(HttpDatagram.GetPrefixLength(stream, context), written, "its length");
        Check.Same(HttpDatagramReadResult.Success, HttpDatagram.Read(prefix[..written], out var quarterAgain, out var at), "read back");
        Check.That(HttpDatagram.ReadContextId(prefix[at..written], out var contextAgain, out var rest), "context");
        Check.Same((quarter, context, written), (quarterAgain, contextAgain, at + rest), "the same");
    }
}
