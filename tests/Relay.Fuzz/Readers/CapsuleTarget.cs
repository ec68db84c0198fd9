using Relay.Fuzz.Engine;
using Relay.Protocol;

namespace Relay.Fuzz.Readers;

/// <summary>RFC 9297 §3.2, RFC 9298 §5: any bytes.</summary>
internal sealed class CapsuleTarget() : FuzzTarget(CapsuleStreams.Properties)
{
    public override void Run(ReadOnlySpan<byte> input)
    {
        if (Capsule.TryReadHeader(input, out var type, out var length, out var consumed))
        {
            Span<byte> header = stackalloc byte[Capsule.MaxHeaderLength];
            var written = Capsule.WriteHeader(header, type, length);
            Check.That(written <= consumed && consumed <= Capsule.MaxHeaderLength, "the header's length");
            Check.That(Capsule.TryReadHeader(header[..written], out var typeAgain, out var lengthAgain, out _), "read back");
            Check.Same((type, length), (typeAgain, lengthAgain), "the same header");
        }
        CapsuleStreams.Examine(input.ToArray());
    }
}

/// <summary>The same of capsules of all lengths, of which a short input can have no more than a header.</summary>
internal sealed class CapsuleSequenceTarget() : FuzzTarget(CapsuleStreams.Properties)
{
    private const int MaxCapsules = 8;

    public override void Run(ReadOnlySpan<byte> input)
    {
        var choices = new Choices(input);
        var stream = new List<byte>();
        for (var i = 0; i < MaxCapsules && !choices.IsOver; i++)
        {
            var type = choices.Byte() % 4 == 0 ? choices.Number() & VariableLengthInteger.MaxValue : CapsuleType.Datagram;
            var length = choices.Below(3) switch
            {
                0 => choices.Below(2000),
                1 => HttpDatagram.MaxUdpPayload - 4 + choices.Below(16),
                _ => choices.Byte(),
            };
            // What is announced and what comes differ in the last one only, as on a stream that ends.
            var announced = choices.Byte() == 255 ? choices.Number() & VariableLengthInteger.MaxValue : (ulong)length;
            var header = new byte[Capsule.MaxHeaderLength];
            stream.AddRange(header.AsSpan(0, Capsule.WriteHeader(header, type, announced)));
            stream.AddRange(choices.Fill(length));
        }
        CapsuleStreams.Examine([.. stream]);
    }
}
