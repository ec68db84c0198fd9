namespace Relay.Node.Tunnels;

/// <summary>
/// Bytes on their way to a target whose socket takes them later. Bounded by the stream's receive window, which is given
/// back only as bytes leave.
/// </summary>
internal struct ByteQueue
{
    private Queue<byte[]>? _blocks;
    private byte[]? _tail;
    private int _tailLength;
    private int _headOffset;

    /// <summary>Bytes that wait.</summary>
    internal long Length { readonly get; private set; }

    /// <summary>Copies bytes to the end.</summary>
    internal void Append(ReadOnlySpan<byte> data)
    {
        Length += data.Length;
        while (!data.IsEmpty)
        {
            if (_tail is null || _tailLength == UpstreamBlocks.Size)
            {
                _tail = UpstreamBlocks.Rent();
                _tailLength = 0;
                (_blocks ??= new Queue<byte[]>()).Enqueue(_tail);
            }
            var part = data[..Math.Min(data.Length, UpstreamBlocks.Size - _tailLength)];
            part.CopyTo(_tail.AsSpan(_tailLength));
            _tailLength += part.Length;
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
            var end = ReferenceEquals(head, _tail) ? _tailLength : UpstreamBlocks.Size;
            return head.AsSpan(_headOffset, end - _headOffset);
        }
    }

    /// <summary>Takes bytes off the front; at most <see cref="Head"/>'s length.</summary>
    internal void Advance(int length)
    {
        Length -= length;
        _headOffset += length;
        var head = _blocks!.Peek();
        var isTail = ReferenceEquals(head, _tail);
        if (_headOffset < (isTail ? _tailLength : UpstreamBlocks.Size))
            return;
        UpstreamBlocks.Return(_blocks.Dequeue());
        _headOffset = 0;
        if (isTail)
            _tail = null;
    }

    /// <summary>Forgets everything.</summary>
    internal void Clear()
    {
        while (_blocks is { Count: > 0 })
            UpstreamBlocks.Return(_blocks.Dequeue());
        this = default;
    }
}
