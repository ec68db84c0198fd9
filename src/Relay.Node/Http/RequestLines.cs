namespace Relay.Node.Http;

/// <summary>
/// Connections that wait for a turn: a line for each source, by <see cref="Io.SourceKey"/>, and the sources in a circle. A source is at
/// the front until as many requests of its have begun as one connection may have begun in a turn, so that requests that come one by one
/// count for what they are.
/// </summary>
internal sealed class RequestLines
{
    /// <summary>Lines without anybody in them that are kept for whoever comes.</summary>
    private const int Kept = 16;

    private readonly Dictionary<ulong, Line> _bySource = [];
    private readonly Queue<Line> _circle = new();
    private readonly Stack<Line> _free = new(Kept);

    /// <summary>How many wait.</summary>
    internal int Count { get; private set; }

    /// <summary>Of how many sources.</summary>
    internal int Sources => _bySource.Count;

    /// <summary>Whether anybody of a source waits.</summary>
    internal bool Has(ulong source) => _bySource.ContainsKey(source);

    /// <summary>One more waits.</summary>
    internal void Add(ClientConnection client, Action goOn)
    {
        if (_bySource.TryGetValue(client.Source, out var line))
        {
            line.Waiting.Enqueue((client, goOn));
        }
        else
        {
            line = _free.TryPop(out var free) ? free : new Line();
            line.Waiting.Enqueue((client, goOn));
            (line.Source, line.Begun) = (client.Source, 0);
            // What may fail for want of memory comes first: what is in no circle never has its turn.
            _circle.EnsureCapacity(_circle.Count + 1);
            _bySource.Add(client.Source, line);
            _circle.Enqueue(line);
        }
        Count++;
    }

    /// <summary>Takes who is next; <see cref="Charge"/> follows.</summary>
    internal (ClientConnection Client, Action GoOn) Next()
    {
        Count--;
        return _circle.Peek().Waiting.Dequeue();
    }

    /// <summary>Says what the last one took.</summary>
    /// <param name="requests">How many.</param>
    /// <param name="share">After as many the next source has its turn.</param>
    internal void Charge(int requests, int share)
    {
        var line = _circle.Peek();
        line.Begun += requests;
        if (line.Waiting.Count == 0)
        {
            _circle.Dequeue();
            _bySource.Remove(line.Source);
            if (_free.Count < Kept)
                _free.Push(line);
        }
        else if (line.Begun >= share)
        {
            line.Begun = 0;
            _circle.Enqueue(_circle.Dequeue());
        }
    }

    private sealed class Line
    {
        internal readonly Queue<(ClientConnection Client, Action GoOn)> Waiting = new();

        internal ulong Source { get; set; }

        internal int Begun { get; set; }
    }
}
