using Relay.Interop.Tests.Fleet.World;

namespace Relay.Interop.Tests.Fleet;

/// <summary>
/// What nodes notice of a coordinator's fault, with the times of every fleet: <c>eng/faults.sh</c> writes it into
/// docs/fleet.md. Explicit, since it takes many minutes.
/// </summary>
public sealed class CoordinatorFaultTimesTests(ITestOutputHelper output) : CoordinatorFaultTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan NodeTimeout = TimeSpan.FromSeconds(15);

    [Fact(Explicit = true)]
    public async Task Killed_NobodyIsSilentForIt()
    {
        await using var fleet = await StartAsync(nodes: 24);
        await PlayAsync(fleet, "one of three killed", [0, 1, 2], static async (fleet, victim) =>
        {
            await KillAsync(fleet, victim);
            await fleet.WaitForMembersAsync(2);
            await fleet.WaitForAnswersAsync(3, areReal: true);
            await fleet.Coordinators[victim].StartAsync();
        });
        await PlayAsync(fleet, "two of three killed", [0, 1], static async (fleet, victim) =>
        {
            await KillAsync(fleet, victim);
            await KillAsync(fleet, victim + 1);
            await fleet.WaitForMembersAsync(1);
            await fleet.WaitForAnswersAsync(3, areReal: true);
            await fleet.Coordinators[victim].StartAsync();
            await fleet.Coordinators[victim + 1].StartAsync();
        });
    }

    [Fact(Explicit = true)]
    public async Task Stopped_NobodyIsSilentForIt()
    {
        await using var fleet = await StartAsync(nodes: 24);
        foreach (var seconds in (int[])[5, 30, 90])
            await PlayAsync(fleet, $"one stopped for {seconds} s", seconds > 30 ? [0] : [0, 1, 2], async (fleet, victim) =>
            {
                fleet.Coordinators[victim].Signal(Stop);
                await LastAsync(seconds);
                fleet.Coordinators[victim].Signal(Continue);
            });
    }

    [Fact(Explicit = true)]
    public async Task CutOff_NobodyIsSilentForIt()
    {
        await using var fleet = await StartAsync(nodes: 24, canBeCut: true);
        foreach (var seconds in (int[])[5, 30, 90])
            await PlayAsync(fleet, $"one cut off for {seconds} s", [2], async (fleet, _) =>
            {
                await fleet.Link!.CutAsync();
                await LastAsync(seconds);
                await fleet.Link.MendAsync();
            });
    }

    /// <summary>Nobody else can say that they live, and their leases last for as long as they were granted for.</summary>
    [Fact(Explicit = true)]
    public async Task CutOff_OfTheOnlyCoordinatorThatNodesKnow_IsAnsweredByIt()
    {
        await using var fleet = await StartAsync(nodes: 8, canBeCut: true, only: 8);
        await fleet.Link!.CutAsync();
        await LastAsync(30);
        await fleet.Link.MendAsync();
        await fleet.WaitForMembersAsync(3);
        await fleet.WaitForAnswersAsync(3, areReal: true);
        await fleet.WaitUntilWholeAsync();
        Tell("the only one that nodes know cut off for 30 s", fleet.LongestGap, fleet.Silent.Count, fleet.WithoutLease.Count);
        Assert.Empty(fleet.WithoutLease);
    }

    private static Task<ReportingFleet> StartAsync(int nodes, bool canBeCut = false, int only = 0) =>
        ReportingFleet.StartAsync(nodes, canBeCut, Lease, NodeTimeout, only);

    private async Task PlayAsync(
        ReportingFleet fleet, string fault, int[] victims, Func<ReportingFleet, int, Task> play)
    {
        var (gap, silent, leases) = (TimeSpan.Zero, 0, 0);
        foreach (var victim in victims)
        {
            fleet.Reset();
            await play(fleet, victim);
            await fleet.WaitForMembersAsync(3);
            await fleet.WaitForAnswersAsync(3, areReal: true);
            await fleet.WaitUntilWholeAsync();
            gap = fleet.LongestGap > gap ? fleet.LongestGap : gap;
            (silent, leases) = (silent + fleet.Silent.Count, leases + fleet.WithoutLease.Count);
        }
        Tell(fault, gap, silent, leases);
        Assert.Equal((0, 0), (silent, leases));
    }

    private void Tell(string fault, TimeSpan gap, int silent, int leases) => output.WriteLine(
        $"| {fault} | {gap.TotalSeconds:F1} s | {silent} | {leases} |");

    private static async Task KillAsync(ReportingFleet fleet, int victim)
    {
        fleet.Coordinators[victim].Signal(Kill);
        await fleet.Coordinators[victim].DisposeAsync();
    }

    // How long a fault lasts is what is asked here.
    private static Task LastAsync(int seconds) =>
        Task.Delay(TimeSpan.FromSeconds(seconds), TestContext.Current.CancellationToken);
}
