namespace Relay.Node.Tunnels;

/// <summary>
/// Bytes on their way to a target whose socket takes them later. Bounded by the stream's receive window, which is given
/// back only as bytes leave. Its blocks grow with what waits: a single byte, which costs a client nothing to leave lying
/// in each of thousands of tunnels, holds 4 KiB.
/// </summary>
internal struct ByteQueue
{
    private Queue<byte[]>? _blocks;
    private byte[]? _tail;
    private int _tailLength;
    private int _headOffset;

    /// <summary>Bytes that wait.</summary>
    internal long Length { readonly get; private set; }

    /// <summary>Bytes of the blocks that they are in.</summary>
    internal long Held { readonly get; private set; }

    /// <summary>Copies bytes to the end.</summary>
    internal void Append(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            if (_tail is null || _tailLength == _tail.Length)
            {
                // What may fail for want of memory comes first: what is counted is there.
                var block = UpstreamBlocks.RentAfter(_tail?.Length ?? 0);
                (_blocks ??= new Queue<byte[]>()).Enqueue(block);
                (_tail, _tailLength) = (block, 0);
                Held += block.Length;
            }
            var part = data[..Math.Min(data.Length, _tail.Length - _tailLength)];
            part.CopyTo(_tail.AsSpan(_tailLength));
            _tailLength += part.Length;
            Length += part.Length;
            data = data[part.Length..];
        }
    }

    /// <summary>The first bytes, as many as lie in one piece.</summary>
    internal readonly ReadOnlySpan<byte> Head
    {
        get
        {
            if (Length == 0)
                return default;
            var head = _blocks!.Peek();
            var end = ReferenceEquals(head, _tail) ? _tailLength : head.Length;
            return head.AsSpan(_headOffset, end - _headOffset);
        }
    }

    /// <summary>Whether there is more behind <see cref="Head"/>.</summary>
    internal readonly bool HasMoreThanHead => _blocks is { Count: > 1 };

    /// <summary>The first bytes, a piece for each block.</summary>
    /// <param name="pieces">Takes as many pieces as it is long.</param>
    /// <returns>How many there are.</returns>
    internal readonly int Gather(Span<ReadOnlyMemory<byte>> pieces)
    {
        if (_blocks is null)
            return 0;
        var count = 0;
        foreach (var block in _blocks)
        {
            if (count == pieces.Length)
                break;
            var start = count == 0 ? _headOffset : 0;
            var end = ReferenceEquals(block, _tail) ? _tailLength : block.Length;
            pieces[count++] = block.AsMemory(start, end - start);
        }
        return count;
    }

    /// <summary>Takes bytes off the front; at most <see cref="Length"/>.</summary>
    internal void Advance(long length)
    {
        Length -= length;
        while (length > 0)
        {
            var head = _blocks!.Peek();
            var isTail = ReferenceEquals(head, _tail);
            var end = isTail ? _tailLength : head.Length;
            var part = (int)Math.Min(length, end - _headOffset);
            _headOffset += part;
            length -= part;
            if (_headOffset < end)
                return;
            UpstreamBlocks.Return(_blocks.Dequeue());
            Held -= head.Length;
            _headOffset = 0;
            if (isTail)
                _tail = null;
        }
    }

    /// <summary>Forgets everything.</summary>
    internal void Clear()
    {
        while (_blocks is { Count: > 0 })
            UpstreamBlocks.Return(_blocks.Dequeue());
        this = default;
    }
}
