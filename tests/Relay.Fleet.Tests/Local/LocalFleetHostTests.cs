using Relay.Fleet.Local;
using Relay.Testing.Behaviour;
using Relay.Testing.Nodes;

namespace Relay.Fleet.Tests.Local;

public class LocalFleetHostTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Host_ThatRuns_TicksItsFleet()
    {
        var time = new ManualTime();
        await using var host = LocalFleetHost.Start(new LocalFleetConfig { Timings = FleetBehaviour.Timings }, time);
        var node = new SimulatedNode("a", clock: time);
        await node.ReportAsync(host.Fleet);

        // A tick that is missed on a busy machine is made up for by the next.
        while ((await host.Fleet.GetNodeAsync("a", Cancellation))!.State != NodeState.Silent)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
            Cancellation.ThrowIfCancellationRequested();
        }

        Assert.False(host.Failed.IsCompleted);
    }

    [Fact]
    public async Task Host_ThatIsDisposed_HasNotFailed()
    {
        var time = new ManualTime();
        var host = LocalFleetHost.Start(new LocalFleetConfig(), time);

        await host.DisposeAsync();

        Assert.False(host.Failed.IsCompleted);
        Assert.Equal(0, time.ActiveTimers);
    }

    /// <summary>Without ticks no lease and no drain would ever end: the process is to end, and say so.</summary>
    [Fact]
    public async Task Host_WhoseTickRunsOutOfMemory_HasFailed()
    {
        var time = new LackingTime();
        var host = LocalFleetHost.Start(new LocalFleetConfig(), time);

        time.IsLacking = true;
        while (!host.Failed.IsCompleted)
        {
            time.Manual.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
            Cancellation.ThrowIfCancellationRequested();
        }

        await Assert.ThrowsAsync<OutOfMemoryException>(() => host.Failed);
        time.IsLacking = false;
        await host.DisposeAsync();
    }

    [Fact]
    public void Host_WithTimesThatDoNotFit_DoesNotStart()
    {
        var failure = Assert.Throws<ArgumentException>(() => LocalFleetHost.Start(new LocalFleetConfig
        {
            Timings = new FleetTimings { NodeTimeout = TimeSpan.FromSeconds(1), HolderMargin = TimeSpan.Zero },
        }));

        Assert.Contains("node timeout", failure.Message, StringComparison.Ordinal);
        Assert.Contains("margin", failure.Message, StringComparison.Ordinal);
    }

    private sealed class LackingTime : TimeProvider
    {
        public ManualTime Manual { get; } = new();

        public bool IsLacking { get; set; }

        public override long TimestampFrequency => Manual.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => IsLacking ? throw new OutOfMemoryException() : Manual.GetUtcNow();

        public override long GetTimestamp() => IsLacking ? throw new OutOfMemoryException() : Manual.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            Manual.CreateTimer(callback, state, dueTime, period);
    }
}
