using FsCheck;

namespace Relay.Fleet.Tests.Drains;

/// <summary>
/// Thousands of random histories of drains, of nodes that die, and of a coordinator that crashes at any write.
/// </summary>
public class DrainModelTests
{
    private const int Histories = 1000;
    private const int Steps = 100;
    private const int Nodes = 4;

    private static readonly Gen<Step<StepKind>> AnyStep = Properties.Steps(
        (60, StepKind.Second), (30, StepKind.Report), (8, StepKind.ReportWithoutAnswer), (15, StepKind.Pass),
        (3, StepKind.PassLong), (8, StepKind.Finish), (7, StepKind.Start), (4, StepKind.Undrain),
        (2, StepKind.Cancel), (3, StepKind.Die), (3, StepKind.Leave), (5, StepKind.Restart),
        (6, StepKind.CrashCoordinator), (1, StepKind.Outage));

    private enum StepKind
    {
        Second, Report, ReportWithoutAnswer, Pass, PassLong, Finish, Start, Undrain, Cancel, Die, Leave, Restart,
        CrashCoordinator, Outage,
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Drains_WhateverHappens_KeepTheBudgetAndEnd(int budget)
    {
        var (started, drained, crashes) = (0, 0, 0);
        Properties.CheckHistories(AnyStep, Steps, Histories, history =>
        {
            var world = new DrainWorld(Nodes, budget);
            foreach (var step in history)
            {
                Do(world, step);
                world.Check();
            }
            started += world.Plans.Count;
            drained += world.Plans.Sum(plan => plan.ToInfo().Drained);
            crashes += world.Crashes;
            End(world);
        });
        Assert.True(
            started > Histories && drained > Histories / 4 && crashes > Histories,
            $"the histories did too little to say anything: {started} drains, {drained} drained, {crashes} crashes");
    }

    private static void Do(DrainWorld world, Step<StepKind> step)
    {
        var (kind, choice) = step;
        var process = world.Processes[choice % Nodes];
        switch (kind)
        {
            case StepKind.Second:
                world.Pass(1);
                foreach (var each in world.Processes)
                    world.Report(each, arrives: true);
                break;
            case StepKind.Report or StepKind.ReportWithoutAnswer:
                world.Report(process, arrives: kind == StepKind.Report);
                break;
            case StepKind.Pass:
                world.Pass(1 + choice % 3);
                break;
            case StepKind.PassLong:
                world.Pass(choice % 80);
                break;
            case StepKind.Finish:
                process.Finish();
                break;
            case StepKind.Start:
                var count = 1 + choice / 7 % Nodes;
                world.Start(
                    [.. Enumerable.Range(choice, count).Select(i => world.Processes[i % Nodes].Node)], choice % 12,
                    choice % 3 == 0 ? DrainMode.Immediate : DrainMode.Gradual,
                    choice % 5 == 0 ? OnLostNode.Wait : OnLostNode.Continue);
                break;
            case StepKind.Undrain:
                world.Undrain(process.Node);
                break;
            case StepKind.Cancel:
                world.Cancel(choice);
                break;
            case StepKind.Die:
                process.Die();
                break;
            case StepKind.Leave:
                world.Leave(process);
                break;
            case StepKind.Restart:
                process.Restart();
                break;
            case StepKind.CrashCoordinator:
                world.CrashAfterWrites(choice % 4);
                break;
            case StepKind.Outage:
                world.Outage(choice % 100);
                break;
        }
    }

    // From now on nothing dies, every message arrives, tunnels end, and what is drained is restarted.
    private static void End(DrainWorld world)
    {
        foreach (var process in world.Processes.Where(process => !process.IsAlive))
            process.Restart();
        for (var second = 0; second < 600; second++)
        {
            world.Pass(1);
            foreach (var process in world.Processes)
            {
                process.Finish();
                world.Report(process, arrives: true);
                world.Check();
                if (process.State == NodeState.Drained && second % 5 == 0)
                    process.Restart();
            }
            if (world.Plans.All(plan => plan.State != DrainState.Running) && world.Slots.Count == 0)
                return;
        }
        Assert.Fail("not every drain has ended: " + string.Join("; ", world.Plans
            .Where(plan => plan.State == DrainState.Running).Select(plan => $"{plan.Id}: {plan.Holdup}"))
            + string.Join("; ", world.Slots));
    }
}
