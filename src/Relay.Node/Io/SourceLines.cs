namespace Relay.Node.Io;

/// <summary>
/// What waits for a turn: a line for each source, by <see cref="SourceKey"/>, and the sources in a circle. A source is at the front until
/// what was done for it comes to a share, so that pieces that are small count for what they are.
/// </summary>
/// <typeparam name="T">What waits.</typeparam>
internal sealed class SourceLines<T>
{
    /// <summary>Lines without anything in them that are kept for whoever comes.</summary>
    private const int Kept = 16;

    private readonly Dictionary<ulong, Line> _bySource = [];
    private readonly Queue<Line> _circle = new();
    private readonly Stack<Line> _free = new(Kept);

    /// <summary>How many wait.</summary>
    internal int Count { get; private set; }

    /// <summary>Of how many sources.</summary>
    internal int Sources => _bySource.Count;

    /// <summary>Whether anything of a source waits.</summary>
    internal bool Has(ulong source) => _bySource.ContainsKey(source);

    /// <summary>One more waits; where that fails for want of memory it does not.</summary>
    internal void Add(ulong source, T item)
    {
        if (_bySource.TryGetValue(source, out var line))
        {
            line.Waiting.Enqueue(item);
        }
        else
        {
            line = _free.TryPop(out var free) ? free : new Line();
            line.Waiting.Enqueue(item);
            (line.Source, line.Done) = (source, 0);
            // What may fail for want of memory comes first: what is in no circle never has its turn.
            _circle.EnsureCapacity(_circle.Count + 1);
            _bySource.Add(source, line);
            _circle.Enqueue(line);
        }
        Count++;
    }

    /// <summary>Takes what is next; <see cref="Charge"/> follows.</summary>
    internal T Next()
    {
        Count--;
        return _circle.Peek().Waiting.Dequeue();
    }

    /// <summary>Says what the last one took.</summary>
    /// <param name="amount">How much.</param>
    /// <param name="share">After as much the next source has its turn.</param>
    internal void Charge(long amount, long share)
    {
        var line = _circle.Peek();
        line.Done += amount;
        if (line.Waiting.Count == 0)
        {
            _circle.Dequeue();
            _bySource.Remove(line.Source);
            if (_free.Count < Kept)
                _free.Push(line);
        }
        else if (line.Done >= share)
        {
            line.Done = 0;
            _circle.Enqueue(_circle.Dequeue());
        }
    }

    private sealed class Line
    {
        internal readonly Queue<T> Waiting = new();

        internal ulong Source { get; set; }

        internal long Done { get; set; }
    }
}
