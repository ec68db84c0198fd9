namespace Relay.Fleet.Tests.Drains;

/// <summary>A drain as some of its nodes see it.</summary>
public class DrainPartTests
{
    [Theory]
    [InlineData("a", DrainState.Completed, 0, 0, 1, 0)]
    [InlineData("b", DrainState.Running, 0, 1, 0, 4)]
    [InlineData("c", DrainState.Running, 1, 0, 0, 0)]
    [InlineData("d", DrainState.Completed, 0, 0, 0, 0)]
    public void PartOf_ANode_IsOverWithIt(
        string node, DrainState state, int waiting, int draining, int drained, long left)
    {
        var part = Drain(DrainState.Running).PartOf(name => name == node);

        Assert.Equal(node, Assert.Single(part.Nodes).Node);
        Assert.Equal(
            (state, waiting, draining, drained, left),
            (part.State, part.Waiting, part.Draining, part.Drained, part.TunnelsLeft));
        Assert.Equal(state == DrainState.Running, part.EndedAt is null);
        Assert.Null(part.Holdup);
        Assert.Equal(node == "d" ? 2 : 0, part.Lost);
        Assert.Equal(node switch { "a" => 3, "b" => 1, _ => 0 }, part.Finished);
    }

    [Fact]
    public void PartOf_ACancelledDrain_IsCancelled() =>
        Assert.Equal(DrainState.Cancelled, Drain(DrainState.Cancelled).PartOf(static name => name == "a").State);

    [Fact]
    public void PartOf_AllNodes_IsTheDrain()
    {
        var drain = Drain(DrainState.Running);
        Assert.Same(drain, drain.PartOf(static _ => true));
    }

    private static DrainInfo Drain(DrainState state) => new()
    {
        Id = "x",
        State = state,
        CreatedAt = DateTimeOffset.UnixEpoch,
        EndedAt = state == DrainState.Running ? null : DateTimeOffset.UnixEpoch,
        Holdup = "somebody is out",
        Lost = 2,
        Nodes =
        [
            Node("a", DrainStep.Drained, new NodeDrainProgress("x", 3, 0, 3, 0)),
            Node("b", DrainStep.Draining, new NodeDrainProgress("x", 5, 4, 1, 0)),
            Node("c", DrainStep.Waiting, null),
            Node("d", DrainStep.Lost, new NodeDrainProgress("x", 2, 2, 0, 0)),
        ],
    };

    private static DrainNodeInfo Node(string name, DrainStep step, NodeDrainProgress? progress) => new()
    {
        Node = name,
        Step = step,
        Progress = progress,
        EndedAt = step is DrainStep.Drained or DrainStep.Lost ? DateTimeOffset.UnixEpoch : null,
    };
}
