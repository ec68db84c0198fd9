using Relay.Fleet.Contract;
using Relay.Testing;
using Relay.Testing.Behaviour;

namespace Relay.Grains.Tests.Behaviour;

/// <summary>
/// The fleet's behaviour over grains. The clock is moved by hand, and grains tick when told to; reports and questions
/// go to the silos in turn.
/// </summary>
internal sealed class GrainHarness : IFleetHarness
{
    /// <summary>As the suite has them over the fleet in one process.</summary>
    internal static readonly FleetTimings ShortTimings = new()
    {
        ReportInterval = TimeSpan.FromSeconds(1),
        NodeTimeout = TimeSpan.FromSeconds(6),
        LeaseTime = TimeSpan.FromSeconds(30),
        HolderMargin = TimeSpan.FromSeconds(4),
        MaxClockSkew = TimeSpan.FromSeconds(1),
        Quarantine = TimeSpan.FromSeconds(20),
        LameTime = TimeSpan.FromSeconds(3),
        ReturnTime = TimeSpan.FromSeconds(20),
        ForgetAfter = TimeSpan.FromSeconds(60),
    };

    private readonly GrainCluster _cluster;

    private GrainHarness(GrainCluster cluster) => _cluster = cluster;

    public IFleet Fleet => _cluster.Next();

    public FleetTimings Timings => ShortTimings;

    public TimeProvider Time => _cluster.Time.True;

    public bool KeepsState => true;

    internal static async Task<IFleetHarness> StartAsync(GrainCluster cluster)
    {
        await cluster.ResetAsync();
        return new GrainHarness(cluster);
    }

    public Task AdvanceAsync(TimeSpan by)
    {
        _cluster.Time.Advance(by);
        return Eventually.HoldsAsync("a tick", async () =>
        {
            await _cluster.Next().TickAsync(default);
            return true;
        }, static _ => true);
    }

    public void SetClock(TimeSpan by) => _cluster.Time.SetClock(by);

    public Task RestartAsync() => _cluster.RestartAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
