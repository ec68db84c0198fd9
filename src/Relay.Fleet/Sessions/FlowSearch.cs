namespace Relay.Fleet.Sessions;

/// <summary>A question that some nodes were asked, and what they have said. Not for several threads at once.</summary>
public sealed class FlowSearch
{
    private readonly HashSet<string> _expected = new(StringComparer.Ordinal);
    private readonly List<(string Node, string Session)> _found = [];
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A question that nobody was asked yet.</summary>
    public FlowSearch(string id) => Id = id;

    /// <summary>Names the question.</summary>
    public string Id { get; }

    /// <summary>Completes when everybody who was asked has answered.</summary>
    public Task Answered => _expected.Count == 0 ? Task.CompletedTask : _answered.Task;

    /// <summary>The sessions that were found, with the node that said so.</summary>
    public IReadOnlyList<(string Node, string Session)> Found => _found;

    /// <summary>A node was asked.</summary>
    public void Expect(string node) => _expected.Add(node);

    /// <summary>A node has answered.</summary>
    public void AddAnswer(string node, IReadOnlyList<string> sessions)
    {
        if (!_expected.Remove(node))
            return;
        _found.AddRange(sessions.Select(session => (node, session)));
        if (_expected.Count == 0)
            _answered.TrySetResult();
    }
}
