using Relay.Fleet.Contract;
using Relay.Fleet.Nodes;
using Relay.Grains.Contracts;

namespace Relay.Grains.Stats;

/// <summary>
/// The nodes of a stage as they last reported. Who asks is told which have reported, and of those whole what is new; each of the others
/// now and then, so that what is kept of them elsewhere is never older than <see cref="Turns"/> answers, whatever was lost.
/// </summary>
internal sealed class HeardBook
{
    /// <summary>With how many answers each node that reports is told whole once.</summary>
    internal const int Turns = 16;

    private readonly Guid _stage = Guid.NewGuid();
    private readonly Dictionary<string, Entry> _nodes = new(StringComparer.Ordinal);
    private long _number;
    private long _read;
    private int _added;
    private int _turn;

    /// <summary>A node has reported.</summary>
    internal void Add(HeardNode node)
    {
        _number++;
        if (!_nodes.TryGetValue(node.Info.Id, out var entry))
            _nodes.Add(node.Info.Id, entry = new Entry { Node = node, ChangedAt = _number, Turn = _added++ % Turns });
        else if (NodeNews.IsBetween(entry.Node.Info, node.Info))
            entry.ChangedAt = _number;
        (entry.Node, entry.HeardAt) = (node, _number);
    }

    /// <summary>A node is silent or gone.</summary>
    internal void Remove(string node) => _nodes.Remove(node);

    /// <summary>Takes out who has not reported since a time.</summary>
    /// <returns>Their names.</returns>
    internal List<string> RemoveBefore(DateTimeOffset oldest)
    {
        List<string> old = [.. _nodes.Where(node => node.Value.Node.Info.LastReportAt < oldest).Select(static node => node.Key)];
        old.ForEach(Remove);
        return old;
    }

    /// <summary>What is new.</summary>
    /// <param name="after">The position of the last answer to whoever asks; null for all that have reported since anybody asked, whole.</param>
    /// <param name="watched">Those of the nodes that are told whole whenever they report.</param>
    /// <param name="oldest">Who has not reported since then is not told of.</param>
    internal HeardNodes Pull(StagePosition? after, IReadOnlyList<string> watched, DateTimeOffset oldest)
    {
        var number = after is null ? _read : after.Stage == _stage ? after.Number : 0;
        _read = _number;
        _turn = (_turn + 1) % Turns;
        var watching = new HashSet<string>(watched, StringComparer.Ordinal);
        List<string> heard = [];
        List<HeardNode> whole = [];
        foreach (var (name, entry) in _nodes)
        {
            if (entry.HeardAt <= number || entry.Node.Info.LastReportAt <= oldest)
                continue;
            if (after is null || entry.ChangedAt > number || entry.Turn == _turn || watching.Contains(name))
                whole.Add(entry.Node);
            else
                heard.Add(name);
        }
        return new HeardNodes(whole)
        {
            Heard = heard,
            Position = new StagePosition(_stage, _number),
            Load = NodeLoad.Sum(_nodes.Values.Select(static entry => entry.Node.Info.Load)),
            Rates = NodeRates.Sum(_nodes.Values.Select(static entry => entry.Node.Info.Rates)),
        };
    }

    /// <summary>Nodes as they last reported; those that are not known here are left out.</summary>
    internal IReadOnlyList<NodeInfo> Show(IReadOnlyList<string> names) =>
        [.. names.Select(name => _nodes.GetValueOrDefault(name)).OfType<Entry>().Select(static entry => entry.Node.Info)];

    private sealed class Entry
    {
        internal required HeardNode Node { get; set; }

        // The number of its last report, and of the last that had something new.
        internal long HeardAt { get; set; }

        internal required long ChangedAt { get; set; }

        internal required int Turn { get; init; }
    }
}
