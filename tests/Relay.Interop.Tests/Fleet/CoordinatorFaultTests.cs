using Relay.Interop.Tests.Fleet.World;

namespace Relay.Interop.Tests.Fleet;

/// <summary>
/// Coordinators are killed, stopped and cut off, and whoever receives a report answers it: no node turns silent, no session
/// leaves the directory and no lease runs out, since nobody of theirs has died.
/// </summary>
public abstract class CoordinatorFaultTests
{
    private protected const int Stop = 19;
    private protected const int Continue = 18;
    private protected const int Kill = 9;

    private const int Nodes = 12;

    // What a holder uses of it is more than coordinators take to agree on who is gone, on a busy machine too.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(90);

    // Less than they take.
    private static readonly TimeSpan NodeTimeout = TimeSpan.FromSeconds(10);

    private protected static Task<ReportingFleet> StartAsync(bool canBeCut = false) =>
        ReportingFleet.StartAsync(Nodes, canBeCut, Lease, NodeTimeout);
}

/// <summary>In one fleet, since most of what each costs is its start.</summary>
public sealed class CoordinatorsAwayTests : CoordinatorFaultTests
{
    [Fact]
    public async Task Coordinators_StoppedCutOffAndKilled_NobodyIsSilentForIt()
    {
        await using var fleet = await StartAsync(canBeCut: true);

        // From the others and from Redis; nodes reach all of them.
        await fleet.Link!.CutAsync();
        await fleet.WaitForAnswersAsync(30);
        await fleet.WaitForAnswersAsync(3, areReal: true);
        await fleet.Link.MendAsync();
        await fleet.WaitForMembersAsync(3);

        // Until the others have declared it dead.
        fleet.Coordinators[2].Signal(Stop);
        await fleet.WaitForMembersAsync(2);
        await fleet.WaitForAnswersAsync(3, areReal: true);
        fleet.Coordinators[2].Signal(Continue);
        await fleet.WaitForMembersAsync(3);

        // Not for long enough that anybody is declared dead.
        fleet.Coordinators[0].Signal(Stop);
        await fleet.WaitForAnswersAsync(3);
        fleet.Coordinators[0].Signal(Continue);
        await fleet.WaitForAnswersAsync(3, areReal: true);

        // The first has what the fleet has only one of, and so goes on to count who is silent.
        foreach (var coordinator in fleet.Coordinators.Skip(1))
        {
            coordinator.Signal(Kill);
            await coordinator.DisposeAsync();
        }
        await fleet.WaitForAnswersAsync(3, areReal: true);
        await fleet.WaitUntilWholeAsync();
        await fleet.StopWatchingAsync();
        Assert.Empty(fleet.Silent);
        Assert.Empty(fleet.WithoutLease);
    }
}
