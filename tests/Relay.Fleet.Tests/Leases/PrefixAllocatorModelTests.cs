using FsCheck;

namespace Relay.Fleet.Tests.Leases;

/// <summary>Thousands of random histories of grantors, holders, their clocks and the network between them.</summary>
public class PrefixAllocatorModelTests
{
    private const int Histories = 2000;
    private const int Steps = 120;

    private static readonly string[] Nodes = ["a", "b", "c"];

    private static readonly Gen<Step<StepKind>> AnyStep = Properties.Steps(
        (30, StepKind.Exchange), (20, StepKind.Report), (40, StepKind.Deliver), (6, StepKind.DeliverAgain),
        (6, StepKind.Lose), (14, StepKind.Pass), (5, StepKind.PassLong), (5, StepKind.Start),
        (4, StepKind.CrashProcess), (3, StepKind.Release), (3, StepKind.Revoke), (3, StepKind.CrashGrantor),
        (1, StepKind.LoseState), (2, StepKind.RollBack), (2, StepKind.SetClock));

    private enum StepKind
    {
        Exchange, Report, Deliver, DeliverAgain, Lose, Pass, PassLong, Start, CrashProcess, Release, Revoke,
        CrashGrantor,
        LoseState,
        RollBack,
        SetClock,
    }

    [Flags]
    private enum Faults
    {
        None = 0,
        Crash = 1,
        LoseState = 2,
        RollBack = 4,
        SetClock = 8,
    }

    [Fact]
    public void PrefixAllocator_TwoGrantorsOverOneStorage_NoBlockIsUsedTwiceOrLost() =>
        Check(grantors: 2, Faults.Crash);

    [Fact]
    public void PrefixAllocator_GrantorThatForgets_NoBlockIsUsedTwiceOrLost() =>
        Check(grantors: 1, Faults.Crash | Faults.LoseState);

    [Fact]
    public void PrefixAllocator_StorageThatLosesWrites_NoBlockIsUsedTwiceOrLost() =>
        Check(grantors: 1, Faults.RollBack);

    [Fact]
    public void PrefixAllocator_StorageThatLosesWritesWithItsGrantor_NoBlockIsUsedTwiceOrLost() =>
        Check(grantors: 1, Faults.RollBack | Faults.Crash);

    [Fact]
    public void PrefixAllocator_GrantorsWhoseClocksAreSet_NoBlockIsUsedTwiceOrLost() =>
        Check(grantors: 2, Faults.Crash | Faults.SetClock);

    private static void Check(int grantors, Faults faults)
    {
        var grants = 0;
        Properties.CheckHistories(AnyStep, Steps, Histories, history => grants += Play(history, grantors, faults));
        Assert.True(grants > 10 * Histories, $"the histories granted too little to say anything: {grants}");
    }

    private static int Play(IReadOnlyList<Step<StepKind>> history, int grantors, Faults faults)
    {
        var world = new LeaseWorld(grantors, seed: history.Count);
        foreach (var node in Nodes)
            world.Start(node);
        foreach (var step in history)
        {
            Do(world, step, faults);
            world.Check();
        }
        world.CheckThatNothingIsLost();
        return world.GrantsSeen;
    }

    private static void Do(LeaseWorld world, Step<StepKind> step, Faults faults)
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
            case StepKind.CrashGrantor when faults.HasFlag(Faults.Crash):
                world.AnyGrantor(choice).Crash();
                break;
            case StepKind.LoseState when faults.HasFlag(Faults.LoseState):
                world.LoseState();
                break;
            case StepKind.RollBack when faults.HasFlag(Faults.RollBack):
                world.RollBack(choice, crash: faults.HasFlag(Faults.Crash));
                break;
            case StepKind.SetClock when faults.HasFlag(Faults.SetClock):
                // Up to a quarter of an hour either way.
                world.SetClock(choice, TimeSpan.FromSeconds(1.8 * (choice - 500)));
                break;
        }
    }
}
