using FsCheck;

namespace Relay.Fleet.Tests.Local;

/// <summary>
/// Thousands of random histories of a fleet in one process that is killed between decision, write and answer, and whose disk
/// is slow, full, or takes what it says it did not.
/// </summary>
public class StoredFleetModelTests
{
    private const int Histories = 1500;
    private const int Steps = 150;

    private static readonly string[] Nodes = ["a", "b", "c"];

    private static readonly Gen<Step<StepKind>> AnyStep = Properties.Steps(
        (30, StepKind.Exchange), (20, StepKind.Report), (30, StepKind.Deliver), (5, StepKind.Lose),
        (16, StepKind.Pass), (4, StepKind.PassLong), (6, StepKind.Start), (4, StepKind.CrashProcess),
        (4, StepKind.Release), (3, StepKind.Revoke), (10, StepKind.Change), (6, StepKind.Look), (8, StepKind.Hold),
        (14, StepKind.LetGo), (6, StepKind.Refuse), (8, StepKind.Take), (8, StepKind.Kill));

    private enum StepKind
    {
        Exchange, Report, Deliver, Lose, Pass, PassLong, Start, CrashProcess, Release, Revoke, Change, Look, Hold, LetGo, Refuse,
        Take,
        Kill,
    }

    [Fact]
    public void Fleet_KilledAtAnyMoment_HasNoBlockUsedTwiceAndNoPromiseLost()
    {
        var (grants, changes) = (0, 0);
        Properties.CheckHistories(AnyStep, Steps, Histories, history =>
        {
            var world = Play(history);
            grants += world.GrantsSeen;
            changes += world.ChangesTold;
        });
        Assert.True(grants > 5 * Histories, $"the histories granted too little to say anything: {grants}");
        Assert.True(changes > 2 * Histories, $"the histories changed too little to say anything: {changes}");
    }

    private static StoredWorld Play(IReadOnlyList<Step<StepKind>> history)
    {
        var world = new StoredWorld();
        foreach (var node in Nodes)
            world.Start(node);
        foreach (var step in history)
        {
            Do(world, step);
            world.Check();
        }
        return world;
    }

    private static void Do(StoredWorld world, Step<StepKind> step)
    {
        var (kind, choice) = step;
        var process = world.Processes.Count > 0 ? world.Processes[choice % world.Processes.Count] : null;
        switch (kind)
        {
            case StepKind.Exchange when process is not null:
                world.Report(process);
                world.Deliver(choice);
                break;
            case StepKind.Report when process is not null:
                world.Report(process);
                break;
            case StepKind.Deliver:
                world.Deliver(choice);
                break;
            case StepKind.Lose:
                world.Lose(choice);
                break;
            case StepKind.Pass:
                world.Pass(TimeSpan.FromMilliseconds(5 * choice));
                break;
            case StepKind.PassLong:
                world.Pass(TimeSpan.FromMilliseconds(40 * choice));
                break;
            case StepKind.Start when world.Processes.Count < 6:
                world.Start(Nodes[choice % Nodes.Length]);
                break;
            case StepKind.CrashProcess when process is not null:
                world.Processes.Remove(process);
                break;
            case StepKind.Release:
                process?.Release();
                break;
            case StepKind.Revoke:
                world.Revoke(choice);
                break;
            case StepKind.Change:
                Change(world, choice);
                break;
            case StepKind.Look:
                world.Look();
                break;
            case StepKind.Hold:
                world.Disk.Holds = true;
                break;
            case StepKind.LetGo:
                world.Disk.Holds = choice % 2 == 0 && world.Disk.Holds;
                world.Disk.LetGo();
                break;
            case StepKind.Refuse:
                (world.Disk.Fault, world.Disk.TakesWhatItRefuses) = ("no space left", choice % 2 == 0);
                break;
            case StepKind.Take:
                world.Disk.Fault = null;
                break;
            case StepKind.Kill:
                world.Kill(writeArrives: choice % 2 == 0, answersLeave: choice / 2 % 2 == 0);
                break;
        }
    }

    private static void Change(StoredWorld world, int choice)
    {
        switch (choice % 6)
        {
            case 0:
                world.PutPool(30);
                break;
            case 1:
                world.DeletePool();
                break;
            case 2:
                world.PutLimit(choice);
                break;
            case 3:
                world.DeleteLimit();
                break;
            case 4:
                world.Drain($"d{choice}", Nodes[choice / 6 % Nodes.Length]);
                break;
            case 5:
                world.Undrain(Nodes[choice / 6 % Nodes.Length]);
                break;
        }
    }
}
