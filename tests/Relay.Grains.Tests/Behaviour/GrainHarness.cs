using Relay.Testing.Behaviour;

namespace Relay.Grains.Tests.Behaviour;

/// <summary>
/// The fleet's behaviour over grains. The clock is moved by hand, and grains tick when told to; reports and questions
/// go to the silos in turn.
/// </summary>
internal sealed class GrainHarness(GrainCluster cluster) : IFleetHarness
{
    public IFleet Fleet => cluster.Next();

    public TimeProvider Time => cluster.Time.True;

    public bool KeepsState => true;

    public Task AdvanceAsync(TimeSpan by)
    {
        cluster.Time.Advance(by);
        return Eventually.DoneAsync("a tick", () => cluster.Next().TickAsync(default));
    }

    public void SetClock(TimeSpan by) => cluster.Time.SetClock(by);

    public Task RestartAsync() => cluster.RestartAsync();

    public Task LoseStateAsync() => cluster.LoseStateAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
