using System.Globalization;
using Relay.Fleet.Nodes;
using Relay.Grains.Contracts;
using Relay.Grains.Stats;

namespace Relay.Grains.Tests.Stats;

/// <summary>What a stage tells of its nodes, whatever of it is lost.</summary>
public class HeardBookTests
{
    private readonly Dictionary<string, NodeInfo> _truth = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeInfo> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);
    private HeardBook _book = new();
    private StagePosition _position = StagePosition.Nowhere;
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch.AddDays(1);

    [Fact]
    public void Pull_AfterAnyHistory_LeavesTheReaderWithWhatThereIs()
    {
        var random = new Random(19);
        for (var step = 0; step < 20_000; step++)
        {
            _now += TimeSpan.FromMilliseconds(10);
            var name = string.Create(CultureInfo.InvariantCulture, $"n{random.Next(40)}");
            switch (random.Next(100))
            {
                case < 80:
                    Report(name, isNews: random.Next(4) == 0);
                    break;
                case < 83:
                    _book.Remove(name);
                    _truth.Remove(name);
                    _reported.Remove(name);
                    break;
                case < 90:
                    // The answer is lost.
                    _book.Pull(_position, [], DateTimeOffset.MinValue);
                    break;
                case < 98:
                    Read();
                    break;
                case 98:
                    // The stage is begun anew, and knows who has reported since.
                    _book = new HeardBook();
                    _truth.Clear();
                    _reported.Clear();
                    break;
                default:
                    // Who asks is begun anew.
                    _known.Clear();
                    _position = StagePosition.Nowhere;
                    _reported.UnionWith(_truth.Keys);
                    break;
            }
        }
    }

    [Fact]
    public void Pull_OfNodesWithoutNews_TellsAFewWhole_AndEachInItsTurn()
    {
        const int Nodes = 3 * HeardBook.Turns;
        for (var i = 0; i < Nodes; i++)
            Report($"n{i}", isNews: true);
        Assert.Equal(Nodes, Read().Nodes.Count);
        HashSet<string> told = [];
        for (var turn = 0; turn < HeardBook.Turns; turn++)
        {
            for (var i = 0; i < Nodes; i++)
                Report($"n{i}", isNews: false);
            var answer = Read();
            Assert.Equal(3, answer.Nodes.Count);
            Assert.Equal(Nodes - 3, answer.Heard.Count);
            Assert.Equal(Nodes * 7, answer.Load.Sessions);
            told.UnionWith(answer.Nodes.Select(static node => node.Info.Id));
        }

        Assert.Equal(Nodes, told.Count);
        Assert.Empty(Read().Heard);
    }

    [Fact]
    public void Pull_OfWatchedNodes_AndByWhoKnowsNoPosition_TellsThemWhole()
    {
        for (var i = 0; i < 40; i++)
            Report($"n{i}", isNews: true);
        Read();
        for (var i = 0; i < 40; i++)
            Report($"n{i}", isNews: false);
        var all = Enumerable.Range(0, 40).Select(static i => $"n{i}").ToArray();

        Assert.Equal(40, _book.Pull(_position, all, DateTimeOffset.MinValue).Nodes.Count);
        // An older coordinator is told whole of all that reported since anybody asked.
        Report("n7", isNews: false);
        Assert.Equal(["n7"], _book.Pull(after: null, [], DateTimeOffset.MinValue).Nodes.Select(static node => node.Info.Id));
        Assert.Empty(_book.Pull(after: null, [], DateTimeOffset.MinValue).Nodes);
    }

    [Fact]
    public void RemoveBefore_OfWhoIsLongSilent_TakesItOutOfTheSums()
    {
        Report("gone", isNews: true);
        _now += TimeSpan.FromSeconds(30);
        Report("there", isNews: true);

        Assert.Equal(["gone"], _book.RemoveBefore(_now));
        Assert.Equal(7, _book.Pull(_position, [], DateTimeOffset.MinValue).Load.Sessions);
        Assert.Equal(["there"], _book.Show(["gone", "there"]).Select(static node => node.Id));
    }

    private HeardNodes Read()
    {
        var answer = _book.Pull(_position, [], DateTimeOffset.MinValue);
        foreach (var node in answer.Nodes)
            _known[node.Info.Id] = node.Info;
        string[] told = [.. answer.Nodes.Select(static node => node.Info.Id), .. answer.Heard];
        Assert.Equal(told.Length, told.Distinct().Count());
        Assert.Subset(told.ToHashSet(), _reported);
        foreach (var name in told)
            Assert.False(NodeNews.IsBetween(_known[name], _truth[name]), name);
        Assert.Equal(7 * _truth.Count, answer.Load.Sessions);
        _position = answer.Position;
        _reported.Clear();
        return answer;
    }

    private void Report(string name, bool isNews)
    {
        var before = _truth.GetValueOrDefault(name);
        var info = new NodeInfo
        {
            Id = name,
            State = NodeState.Serving,
            Version = before is null || isNews ? Guid.NewGuid().ToString() : before.Version,
            StartedAt = default,
            LastReportAt = _now,
            Load = new NodeLoad { Sessions = 7 },
        };
        _truth[name] = info;
        _reported.Add(name);
        _book.Add(new HeardNode(info, 1));
    }
}
