namespace Relay.Node.Tests.InMemory.World;

/// <summary>What a client has yet to send on a stream: bytes, and behind them some of the <see cref="Pattern"/>.</summary>
internal sealed class OutgoingBody
{
    private readonly Queue<byte[]> _bytes = new();
    private int _takenOfFirst;
    private long _pattern;

    /// <summary>Bytes of the pattern that have been taken.</summary>
    public long PatternTaken { get; private set; }

    public long Length => _pattern + _bytes.Sum(static bytes => (long)bytes.Length) - _takenOfFirst;

    public void Add(ReadOnlySpan<byte> data)
    {
        if (!data.IsEmpty)
            _bytes.Enqueue(data.ToArray());
    }

    public void AddPattern(long length) => _pattern += length;

    /// <summary>Takes what comes next.</summary>
    /// <returns>How much; 0 where there is nothing.</returns>
    public int Take(Span<byte> destination)
    {
        if (_bytes.TryPeek(out var first))
        {
            var length = Math.Min(destination.Length, first.Length - _takenOfFirst);
            first.AsSpan(_takenOfFirst, length).CopyTo(destination);
            _takenOfFirst += length;
            if (_takenOfFirst == first.Length)
            {
                _bytes.Dequeue();
                _takenOfFirst = 0;
            }
            return length;
        }
        var part = (int)Math.Min(destination.Length, _pattern);
        Pattern.Fill(destination[..part], PatternTaken);
        PatternTaken += part;
        _pattern -= part;
        return part;
    }
}
