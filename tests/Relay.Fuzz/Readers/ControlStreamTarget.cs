using Relay.Fuzz.Engine;
using Relay.Protocol;

namespace Relay.Fuzz.Readers;

/// <summary>RFC 9114 §6.2.1, §7.</summary>
internal sealed class ControlStreamTarget() : FuzzTarget(
    "in whatever pieces it comes the same is found, and nothing but errors of HTTP/3")
{
    public override void Run(ReadOnlySpan<byte> input)
    {
        // Each cut is a run of its own.
        input = input[..Math.Min(input.Length, 256)];
        var whole = new ClientControlStream().Read(input);
        Check.That(whole is null || Http3ErrorCode.IsError(whole.Value), "an error of HTTP/3");

        var pieces = new ClientControlStream();
        ulong? found = null;
        for (var i = 0; i < input.Length && found is null; i++)
            found = pieces.Read(input.Slice(i, 1));
        Check.Same(whole, found, "byte by byte");

        for (var cut = 0; cut <= input.Length; cut++)
        {
            var halves = new ClientControlStream();
            Check.Same(whole, halves.Read(input[..cut]) ?? halves.Read(input[cut..]), "in two pieces");
        }
    }
}
