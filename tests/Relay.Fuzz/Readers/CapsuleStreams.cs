using Relay.Fuzz.Engine;
using Relay.Protocol;

namespace Relay.Fuzz.Readers;

/// <summary>Holds <see cref="CapsuleReader"/> to a reader that has all of the stream at once.</summary>
internal static class CapsuleStreams
{
    public const string Properties =
        "the datagrams are those that a reader of the whole stream finds, wherever it is cut; memory is bounded by what has come";

    private const int LongestToCutBytewise = 4096;

    public static void Examine(byte[] stream)
    {
        var expected = Model(stream);
        Compare(expected, stream, []);
        foreach (var cut in Pieces.Cuts(stream.Length))
            Compare(expected, stream, [cut]);
        if (stream.Length <= LongestToCutBytewise)
            Compare(expected, stream, Enumerable.Range(0, stream.Length));
    }

    private static void Compare(Found expected, byte[] stream, IEnumerable<int> cuts)
    {
        var reader = new CapsuleReader();
        var found = new List<Range>();
        var (start, fails) = (0, false);
        foreach (var end in cuts.Append(stream.Length))
        {
            fails = fails || Feed(reader, stream, start..end, expected, found);
            start = end;
        }
        Check.Same(expected.Datagrams.Count, found.Count, "datagrams");
        Check.Same(expected.IsTooLarge, fails, "a payload that is too large");
        if (!fails)
            Check.Same(expected.IsAtBoundary, reader.IsAtBoundary, "at a capsule's end");
        reader.Release();
        Check.Same((true, 0), (reader.IsAtBoundary, reader.BufferSize), "as if new");
    }

    private static bool Feed(CapsuleReader reader, byte[] stream, Range piece, Found expected, List<Range> found)
    {
        ReadOnlySpan<byte> source = stream.AsSpan(piece);
        while (true)
        {
            var before = source.Length;
            var result = reader.Read(ref source, out var payload);
            Check.That(source.Length <= before, "it goes on, never back");
            // Grows with what has arrived: by doubling, and the pool rounds up.
            Check.That(reader.BufferSize <= Math.Max(2048, 4 * piece.End.Value), "memory follows what has come");
            Check.That(reader.BufferSize <= 65536, "memory is bounded");
            if (result == CapsuleReadResult.Datagram)
            {
                Check.That(found.Count < expected.Datagrams.Count, "no datagram more");
                var range = expected.Datagrams[found.Count];
                Check.That(payload.SequenceEqual(stream.AsSpan(range)), "the datagram's bytes");
                found.Add(range);
                continue;
            }
            Check.That(payload.IsEmpty, "nothing beside a datagram");
            if (result == CapsuleReadResult.PayloadTooLarge)
                return true;
            Check.That(source.IsEmpty, "all is read");
            return false;
        }
    }

    private static Found Model(ReadOnlySpan<byte> stream)
    {
        var datagrams = new List<Range>();
        for (var at = 0; ;)
        {
            if (at == stream.Length)
                return new(datagrams, IsTooLarge: false, IsAtBoundary: true);
            if (!Capsule.TryReadHeader(stream[at..], out var type, out var length, out var header))
                return new(datagrams, IsTooLarge: false, IsAtBoundary: false);
            at += header;
            var isSkipped = type != CapsuleType.Datagram;
            if (!isSkipped && length > HttpDatagram.MaxUdpPayload + 1)
            {
                if (!VariableLengthInteger.TryRead(stream[at..], out var context, out var contextLength))
                    return new(datagrams, IsTooLarge: false, IsAtBoundary: false);
                if (context == HttpDatagram.UdpPayloadContextId && length - (ulong)contextLength > HttpDatagram.MaxUdpPayload)
                    return new(datagrams, IsTooLarge: true, IsAtBoundary: false);
                isSkipped = length > CapsuleReader.MaxCapsuleValue;
            }
            if (length > (ulong)(stream.Length - at))
                return new(datagrams, IsTooLarge: false, IsAtBoundary: false);
            if (!isSkipped)
                datagrams.Add(at..(at + (int)length));
            at += (int)length;
        }
    }

    private sealed record Found(List<Range> Datagrams, bool IsTooLarge, bool IsAtBoundary);
}
