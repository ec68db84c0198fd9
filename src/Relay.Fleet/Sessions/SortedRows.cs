namespace Relay.Fleet.Sessions;

/// <summary>Rows of a <see cref="SessionTable"/> in order of their sessions' ids: numbers, in blocks that are split when they are full.</summary>
/// <param name="table">Whose rows they are.</param>
internal sealed class SortedRows(SessionTable table)
{
    private const int MostOfBlock = 512;
    private const int LeastOfBlock = 2;

    // Itself, and what arrays have before what is in them.
    private const long Objects = 96;

    private Block[] _blocks = [];
    private int _blockCount;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>How many bytes of memory it has, about.</summary>
    public long Size => Objects + _blocks.Sum(static block => 16L + (block.Rows?.Length * sizeof(int) ?? 0));

    /// <summary>One of them, where there is one only.</summary>
    public int Single => _blocks[0].Rows[0];

    /// <summary>The row of an id; -1 where it is not among them.</summary>
    public int Find(ReadOnlySpan<byte> id)
    {
        var (block, index, isFound) = PlaceOf(id);
        return isFound ? _blocks[block].Rows[index] : -1;
    }

    /// <summary>Adds a row whose id is not among them.</summary>
    public void Add(int row)
    {
        Count++;
        if (_blockCount == 0)
            Insert(0, new Block { Rows = new int[LeastOfBlock] });
        var (block, index, _) = PlaceOf(table.IdOf(row));
        ref var into = ref _blocks[block];
        if (into.Count == MostOfBlock)
        {
            Split(block, index);
            if (index > _blocks[block].Count || _blocks[block].Count == MostOfBlock)
                (block, index) = (block + 1, index - _blocks[block].Count);
            into = ref _blocks[block];
        }
        if (into.Count == into.Rows.Length)
            Array.Resize(ref into.Rows, Math.Min(MostOfBlock, Math.Max(LeastOfBlock, 2 * into.Count)));
        Array.Copy(into.Rows, index, into.Rows, index + 1, into.Count - index);
        into.Rows[index] = row;
        into.Count++;
    }

    /// <summary>Takes a row out, whose id is still known.</summary>
    public void Remove(int row)
    {
        var (block, index, isFound) = PlaceOf(table.IdOf(row));
        if (!isFound)
            return;
        Count--;
        ref var from = ref _blocks[block];
        from.Count--;
        Array.Copy(from.Rows, index + 1, from.Rows, index, from.Count - index);
        if (from.Count > 0)
            return;
        _blockCount--;
        Array.Copy(_blocks, block + 1, _blocks, block, _blockCount - block);
        _blocks[_blockCount] = default;
    }

    /// <summary>The rows in order.</summary>
    /// <param name="after">The id after which to begin; null for the first. To be read at once.</param>
    public IEnumerable<int> From(byte[]? after)
    {
        var (block, index, isFound) = after is null ? default : PlaceOf(after);
        for (index += isFound ? 1 : 0; block < _blockCount; block++, index = 0)
        {
            for (; index < _blocks[block].Count; index++)
                yield return _blocks[block].Rows[index];
        }
    }

    // Where an id is, or would be.
    private (int Block, int Index, bool IsFound) PlaceOf(ReadOnlySpan<byte> id)
    {
        var (low, high) = (0, _blockCount - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Compare(_blocks[middle].Rows[_blocks[middle].Count - 1], id) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        if (_blockCount == 0)
            return default;
        ref var block = ref _blocks[low];
        var (from, to) = (0, block.Count);
        while (from < to)
        {
            var middle = (from + to) / 2;
            var order = Compare(block.Rows[middle], id);
            if (order == 0)
                return (low, middle, true);
            if (order < 0)
                from = middle + 1;
            else
                to = middle;
        }
        return (low, from, false);
    }

    private int Compare(int row, ReadOnlySpan<byte> id) => table.IdOf(row).SequenceCompareTo(id);

    // In halves; what comes in order, as when a table is made anew, fills one after the other.
    private void Split(int block, int index)
    {
        var isLast = block == _blockCount - 1 && index == MostOfBlock;
        var left = isLast ? MostOfBlock : MostOfBlock / 2;
        var right = new Block { Rows = new int[isLast ? LeastOfBlock : MostOfBlock], Count = MostOfBlock - left };
        Array.Copy(_blocks[block].Rows, left, right.Rows, 0, right.Count);
        _blocks[block].Count = left;
        Insert(block + 1, right);
    }

    private void Insert(int at, Block block)
    {
        if (_blockCount == _blocks.Length)
            Array.Resize(ref _blocks, Math.Max(1, 2 * _blockCount));
        Array.Copy(_blocks, at, _blocks, at + 1, _blockCount - at);
        _blocks[at] = block;
        _blockCount++;
    }

    private struct Block
    {
        public int[] Rows;
        public int Count;
    }
}
