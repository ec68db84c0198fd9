using System.Buffers.Binary;
using Relay.Fuzz.Engine;
using Relay.Protocol;

namespace Relay.Fuzz.Readers;

/// <summary>RFC 8999 §5: the connection ID of any packet.</summary>
internal sealed class ConnectionIdTarget() : FuzzTarget(
    "the ID is where its header says, or the packet is too short; an own one is read back")
{
    public override void Run(ReadOnlySpan<byte> input)
    {
        var isFound = ConnectionIdLayout.TryReadDestination(input, out var id);
        var isLong = !input.IsEmpty && input[0] >= 0x80;
        var (offset, length) = isLong ? (6, input.Length > 5 ? input[5] : int.MaxValue) : (1, ConnectionIdLayout.Length);
        Check.Same(input.Length >= offset && input.Length - offset >= length, isFound, "found where it is");
        Check.That(isFound ? id.SequenceEqual(input.Slice(offset, length)) : id.IsEmpty, "its bytes");
        Check.Same(isLong && input.Length >= 5, ConnectionIdLayout.TryReadVersion(input, out var version), "a version");
        if (isLong && input.Length >= 5)
            Check.Same(BinaryPrimitives.ReadUInt32BigEndian(input[1..]), version, "the version's bytes");
        if (!ConnectionIdLayout.TryRead(id, out var loop, out var node))
            return;
        Span<byte> written = stackalloc byte[ConnectionIdLayout.Length];
        ConnectionIdLayout.Write(written, loop, node, id[^ConnectionIdLayout.RandomLength..]);
        Check.That(written.SequenceEqual(id), "the same ID");
    }
}
