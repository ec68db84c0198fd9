namespace Relay.Native.Quic;

/// <summary>
/// A stream's sent and unacknowledged bytes: a queue of blocks. Bytes are appended at the tail, handed to nghttp3 once,
/// and released from the head as they are acknowledged.
/// </summary>
internal unsafe struct SendBuffer
{
    /// <summary>Below this room a block is not worth another read from a socket.</summary>
    private const int UsefulRoom = 4 * 1024;

    private Block[]? _blocks;
    private int _head;
    private int _count;
    private int _released;

    /// <summary>Bytes that are not acknowledged, be they sent or not.</summary>
    internal long Length { get; private set; }

    /// <summary>Whether everything is acknowledged.</summary>
    internal readonly bool IsEmpty => _count == 0;

    /// <summary>Room for <paramref name="minimum"/> bytes or more, in place until acknowledged.</summary>
    /// <param name="pool">Where blocks come from.</param>
    /// <param name="minimum">At most <see cref="BlockPool.BlockSize"/>.</param>
    /// <param name="large">Whether a new block is to be a large one.</param>
    internal Span<byte> Room(BlockPool pool, int minimum, bool large)
    {
        if (_count > 0)
        {
            ref var tail = ref _blocks![(_head + _count - 1) & (_blocks.Length - 1)];
            var room = tail.Size - tail.Length;
            if (room >= Math.Max(minimum, UsefulRoom))
                return new Span<byte>(tail.Memory + tail.Length, room);
        }
        if (_blocks is null || _count == _blocks.Length)
            Grow();
        var block = new Block { Memory = pool.Rent(large), IsLarge = large };
        _blocks![(_head + _count++) & (_blocks.Length - 1)] = block;
        return new Span<byte>(block.Memory, block.Size);
    }

    /// <summary>Takes bytes that were written to the room.</summary>
    /// <returns>Where they are.</returns>
    internal byte* Append(int length)
    {
        ref var tail = ref _blocks![(_head + _count - 1) & (_blocks.Length - 1)];
        var start = tail.Memory + tail.Length;
        tail.Length += length;
        Length += length;
        return start;
    }

    /// <summary>Gives back a block that was rented for nothing.</summary>
    internal void DropEmptyTail(BlockPool pool)
    {
        if (_count == 0)
            return;
        ref var tail = ref _blocks![(_head + _count - 1) & (_blocks.Length - 1)];
        if (tail.Length != 0)
            return;
        pool.Return(tail.Memory, tail.IsLarge);
        _count--;
    }

    /// <summary>Releases acknowledged bytes.</summary>
    internal void Release(BlockPool pool, long length)
    {
        while (length > 0 && _count > 0)
        {
            ref var head = ref _blocks![_head];
            var part = (int)Math.Min(length, head.Length - _released);
            _released += part;
            length -= part;
            Length -= part;
            if (_released < head.Length)
                return;
            pool.Return(head.Memory, head.IsLarge);
            _head = (_head + 1) & (_blocks.Length - 1);
            _count--;
            _released = 0;
        }
    }

    internal void Clear(BlockPool pool)
    {
        for (; _count > 0; _count--, _head = (_head + 1) & (_blocks.Length - 1))
            pool.Return(_blocks![_head].Memory, _blocks[_head].IsLarge);
        _blocks = null;
        _head = _released = 0;
        Length = 0;
    }

    private void Grow()
    {
        var larger = new Block[Math.Max(4, (_blocks?.Length ?? 0) * 2)];
        for (var i = 0; i < _count; i++)
            larger[i] = _blocks![(_head + i) & (_blocks.Length - 1)];
        _blocks = larger;
        _head = 0;
    }

    private struct Block
    {
        internal byte* Memory;
        internal int Length;
        internal bool IsLarge;

        internal readonly int Size => BlockPool.SizeOf(IsLarge);
    }
}
