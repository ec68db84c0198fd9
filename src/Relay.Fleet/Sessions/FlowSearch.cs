namespace Relay.Fleet.Sessions;

/// <summary>A question that some nodes were asked, and what they have said. Not for several threads at once.</summary>
public sealed class FlowSearch
{
    private readonly HashSet<string> expected = new(StringComparer.Ordinal);
    private readonly List<(string Node, string Session)> found = [];
    private readonly TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A question that nobody was asked yet.</summary>
    public FlowSearch(string id) => Id = id;

    /// <summary>Names the question.</summary>
    public string Id { get; }

    /// <summary>Completes when everybody who was asked has answered.</summary>
    public Task Answered => expected.Count == 0 ? Task.CompletedTask : answered.Task;

    /// <summary>The sessions that were found, with the node that said so.</summary>
    public IReadOnlyList<(string Node, string Session)> Found => found;

    /// <summary>A node was asked.</summary>
    public void Expect(string node) => expected.Add(node);

    /// <summary>A node has answered.</summary>
    public void Take(string node, IReadOnlyList<string> sessions)
    {
        if (!expected.Remove(node))
            return;
        found.AddRange(sessions.Select(session => (node, session)));
        if (expected.Count == 0)
            answered.TrySetResult();
    }
}
