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
        (1, StepKind.LoseState), (2, StepKind.RollBack), (2, StepKind.SetClock), (2, StepKind.Lie));

    private enum StepKind
    {
        Exchange, Report, Deliver, DeliverAgain, Lose, Pass, PassLong, Start, CrashProcess, Release, Revoke,
        CrashGrantor,
        LoseState,
        RollBack,
        SetClock,
        Lie,
    }

    [Flags]
    private enum Faults
    {
        None = 0,
        Crash = 1,
        LoseState = 2,
        RollBack = 4,
        SetClock = 8,
        Lie = 16,
    }

    /// <summary>By chance as <c>RELAY_HISTORY_SEED</c> has it.</summary>
    [Fact(Explicit = true)]
    public void PrefixAllocator_AMillionHistories_NoBlockIsUsedTwiceOrLost()
    {
        (int, Faults)[] kinds =
        [
            (2, Faults.Crash), (2, Faults.Crash | Faults.SetClock | Faults.Lie), (1, Faults.Crash | Faults.LoseState),
            (1, Faults.Crash | Faults.LoseState | Faults.SetClock | Faults.Lie), (1, Faults.RollBack), (1, Faults.RollBack | Faults.Lie),
            (1, Faults.RollBack | Faults.Crash), (1, Faults.RollBack | Faults.Crash | Faults.SetClock | Faults.Lie),
        ];
        foreach (var (grantors, faults) in kinds)
            Check(grantors, faults, 1_000_000 / kinds.Length);
    }

    [Theory]
    [InlineData(2, (int)Faults.Crash)]
    [InlineData(1, (int)(Faults.Crash | Faults.LoseState))]
    [InlineData(1, (int)(Faults.RollBack | Faults.Crash))]
    public void PrefixAllocator_NodeThatClaimsWhatItNeverHad_NoBlockIsUsedTwiceOrLost(int grantors, int faults) =>
        Check(grantors, (Faults)faults | Faults.Lie);

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

    private static void Check(int grantors, Faults faults, int histories = Histories)
    {
        var grants = 0L;
        Properties.CheckHistories(AnyStep, Steps, histories, history => grants += Play(history, grantors, faults));
        Assert.True(grants > 5L * histories, $"the histories granted too little to say anything: {grants}");
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
            case StepKind.Lie when faults.HasFlag(Faults.Lie):
                world.Lie(choice);
                break;
        }
    }
}
