using Relay.Ctl.Tests.World;
using Relay.Ctl.Output;
using Relay.Ctl.Watch;
using Relay.Fleet.Contract;
using Spectre.Console;

namespace Relay.Ctl.Tests;

/// <summary>The bars that move on a terminal.</summary>
public sealed class DrainBarsTests
{
    [Fact]
    public async Task Bars_FollowTheDrainToItsEndAndEscapeNames()
    {
        await using var output = new WatchedWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = 120;
        var steps = new Queue<DrainInfo>([Drain(DrainState.Running, DrainStep.Draining, 6, 4),
            Drain(DrainState.Completed, DrainStep.Drained, 0, 9)]);
        var last = await DrainBars.ShowAsync(
            console, Drain(DrainState.Running, DrainStep.Waiting, 0, 0), (_, _) =>
                Task.FromResult(steps.Dequeue()), static () => DateTimeOffset.UnixEpoch, default);
        Assert.Equal(DrainState.Completed, last.State);
        Assert.Empty(steps);
        var text = output.ToString();
        Assert.Contains("[red]edge-1", text, StringComparison.Ordinal);
        Assert.Contains("drained, 0 left, 9 finished, 1 force-closed", text, StringComparison.Ordinal);
    }

    [Fact]
    public void TimeLeft_IsOfWhoDrains_ByTheCoordinatorsClock()
    {
        var drain = Drain(DrainState.Running, DrainStep.Draining, 6, 4) with { Waiting = 2 };
        Assert.Equal("; 3m20s left, and 2 to come", DrainFacts.TimeLeft(drain, DateTimeOffset.UnixEpoch.AddSeconds(100)));
        Assert.Equal("; 0s left", DrainFacts.TimeLeft(drain with { Waiting = 0 }, DateTimeOffset.UnixEpoch.AddHours(1)));
        Assert.Equal(", 3m20s left", DrainFacts.TimeLeft(drain.Nodes[0], DateTimeOffset.UnixEpoch.AddSeconds(100)));
        Assert.Equal("", DrainFacts.TimeLeft(Drain(DrainState.Completed, DrainStep.Drained, 0, 9), DateTimeOffset.UnixEpoch));
    }

    private static DrainInfo Drain(DrainState state, DrainStep step, long left, long finished) => new()
    {
        Id = "d1",
        State = state,
        CreatedAt = DateTimeOffset.UnixEpoch,
        MaxConcurrent = DrainBudget.Nodes(1),
        TunnelsLeft = left,
        Finished = finished,
        Nodes =
        [
            new DrainNodeInfo
            {
                Node = "[red]edge-1",
                Step = step,
                DeadlineAt = step == DrainStep.Waiting ? null : DateTimeOffset.UnixEpoch.AddMinutes(5),
                Progress = step == DrainStep.Waiting
                    ? null
                    : new NodeDrainProgress("d1", 10, left, finished, 10 - left - finished),
            },
        ],
    };
}
