using FsCheck;
using FsCheck.Fluent;

namespace Relay.Fleet.Tests.Leases;

/// <summary>Thousands of random histories of grantors, holders, their clocks and the network between them.</summary>
public class PrefixAllocatorModelTests
{
    private const int Histories = 2000;
    private const int Steps = 120;

    private static readonly string[] Nodes = ["a", "b", "c"];

    private static readonly Gen<Step> AnyStep =
        from kind in Gen.Frequency(
            (30, Gen.Constant(StepKind.Exchange)),
            (20, Gen.Constant(StepKind.Report)),
            (40, Gen.Constant(StepKind.Deliver)),
            (6, Gen.Constant(StepKind.DeliverAgain)),
            (6, Gen.Constant(StepKind.Lose)),
            (14, Gen.Constant(StepKind.Pass)),
            (5, Gen.Constant(StepKind.PassLong)),
            (5, Gen.Constant(StepKind.Start)),
            (4, Gen.Constant(StepKind.CrashProcess)),
            (3, Gen.Constant(StepKind.Release)),
            (3, Gen.Constant(StepKind.Revoke)),
            (3, Gen.Constant(StepKind.CrashGrantor)),
            (1, Gen.Constant(StepKind.LoseState)))
        from choice in Gen.Choose(0, 1000)
        select new Step(kind, choice);

    private enum StepKind
    {
        Exchange, Report, Deliver, DeliverAgain, Lose, Pass, PassLong, Start, CrashProcess, Release, Revoke,
        CrashGrantor,
        LoseState,
    }

    [Fact]
    public void PrefixAllocator_TwoGrantorsOverOneStorage_NoBlockIsUsedTwiceOrLost()
    {
        var grants = 0;
        Properties.CheckHistories(
            AnyStep, Steps, Histories, history => grants += Play(history, grantors: 2, mayLoseState: false));
        Assert.True(grants > 10 * Histories, $"the histories granted too little to say anything: {grants}");
    }

    [Fact]
    public void PrefixAllocator_GrantorThatForgets_NoBlockIsUsedTwiceOrLost()
    {
        var grants = 0;
        Properties.CheckHistories(
            AnyStep, Steps, Histories, history => grants += Play(history, grantors: 1, mayLoseState: true));
        Assert.True(grants > 10 * Histories, $"the histories granted too little to say anything: {grants}");
    }

    private static int Play(IReadOnlyList<Step> history, int grantors, bool mayLoseState)
    {
        var world = new LeaseWorld(grantors, seed: history.Count);
        foreach (var node in Nodes)
            world.Start(node);
        foreach (var step in history)
        {
            Do(world, step, mayLoseState);
            world.Check();
        }
        world.CheckThatNothingIsLost();
        return world.GrantsSeen;
    }

    private static void Do(LeaseWorld world, Step step, bool mayLoseState)
    {
        var (kind, choice) = step;
        var process = world.Processes.Count > 0 ? world.Processes[choice % world.Processes.Count] : null;
        switch (kind)
        {
            case StepKind.Exchange:
                process?.Report(world.AnyGrantor(choice / 7));
                break;
            case StepKind.Report:
                process?.Report(choice);
                break;
            case StepKind.Deliver or StepKind.DeliverAgain:
                world.Deliver(choice, again: kind == StepKind.DeliverAgain);
                break;
            case StepKind.Lose:
                world.Lose(choice);
                break;
            case StepKind.Pass:
                world.Pass(TimeSpan.FromMilliseconds(20 * choice));
                break;
            case StepKind.PassLong:
                world.Pass(TimeSpan.FromMilliseconds(100 * choice));
                break;
            case StepKind.Start when world.Processes.Count < 6:
                // Whether or not the last process of that name is still there.
                world.Start(Nodes[choice % Nodes.Length]);
                break;
            case StepKind.CrashProcess when process is not null:
                world.Crash(process);
                break;
            case StepKind.Release:
                process?.Release();
                break;
            case StepKind.Revoke:
                world.AnyGrantor(choice).Operate(
                    allocator => allocator.Revoke(LeaseWorld.Pool.Prefix.Block((UInt128)(choice % 4), 30)));
                break;
            case StepKind.CrashGrantor:
                world.AnyGrantor(choice).Crash();
                break;
            case StepKind.LoseState when mayLoseState:
                world.LoseState();
                break;
        }
    }

    private sealed record Step(StepKind Kind, int Choice);
}
