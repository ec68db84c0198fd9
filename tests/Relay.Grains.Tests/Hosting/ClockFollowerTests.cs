using Relay.Fleet.Drains;
using Relay.Grains.Drains;
using Relay.Grains.Membership;
using Relay.Grains.State;

namespace Relay.Grains.Tests.Hosting;

/// <summary>
/// A coordinator's clock that was set moves what is stored of drains with it, also where what came of that was not stored, and the
/// decider went back to before.
/// </summary>
public class ClockFollowerTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly ClockShift Set = new(1, Hour);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SlotsOfDrains_MoveWithTheClock(bool isRestored)
    {
        var state = new FleetRecord
        {
            BegunAt = Now,
            Slots = new DrainSlotsState
            {
                Slots = [new DrainSlot { Drain = "one", Node = "edge-1", Phase = DrainSlotPhase.Returning, Since = Now, GoneAt = Now }],
            },
        };
        var clock = isRestored ? (Now + Hour, new ClockShift(0, Hour), default) : (Now, default(ClockShift), default(ClockShift));
        var decider = new FleetDecider(state, new FleetTimings(), clock);
        decider.Follow(Set, Now + Hour);
        var slot = Assert.Single(decider.ToState().Slots.Slots);
        Assert.Equal((Now + Hour, Now + Hour), (slot.Since, slot.GoneAt));
    }

    [Fact]
    public void DeadlinesOfADrain_MoveWithTheClock_AsOften_AsItGoesBackToWhatIsStored()
    {
        var record = new DrainRecord
        {
            Plan = new DrainPlanState
            {
                Id = "one",
                State = DrainState.Running,
                CreatedAt = Now,
                MaxConcurrent = DrainBudget.Nodes(1),
                Nodes = [new DrainNodeState { Node = "edge-1", Step = DrainStep.Draining, DeadlineAt = Now }],
            },
        };
        for (var time = 0; time < 2; time++)
        {
            var decider = new DrainDecider(record, new FleetTimings(), stored: default);
            decider.Follow(Set, Now + Hour);
            decider.Follow(Set, Now + Hour);
            Assert.Equal(Now + Hour, Assert.Single(decider.ToRecord().Plan!.Nodes).DeadlineAt);
        }
    }
}
