using Orleans.Core.Internal;
using Relay.Grains.Contracts;
using Relay.Grains.Tests.Stores;

namespace Relay.Grains.Tests.Cluster;

/// <summary>How the history is stored, and what readers hear where the grain that has it ends or another has taken over.</summary>
[Trait("Needs", "Cluster")]
public sealed class EventsGrainTests
{
    private readonly SharedStorage _storage = new();

    [Fact]
    public async Task Flood_IsStoredAtOnce_AndNothingWhereNothingCame()
    {
        await using var fleet = await StartAsync();
        for (var i = 0; i < 20; i++)
            await AppendAsync(fleet, $"a{i}");
        Assert.Equal(0, Writes);

        await Grain(fleet).TickAsync();
        await Grain(fleet).TickAsync();

        Assert.Equal(1, Writes);
    }

    [Fact]
    public async Task Reader_OfAnActivationThatEndedInOrder_MissesNothing()
    {
        await using var fleet = await StartAsync();
        await AppendAsync(fleet, "first");
        await AppendAsync(fleet, "second");
        var first = (await HistoryAsync(fleet)).Items[^1];

        await EndAsync(fleet);
        await AppendAsync(fleet, "third");

        var batch = await fleet.Fleet.ReadEventsAsync(first.Id, default);
        Assert.False(batch.HasGap);
        Assert.Equal(["second", "third"], batch.Events.Select(static one => one.Text));
        Assert.Equal([3, 2, 1], (await HistoryAsync(fleet)).Items.Select(static one => one.Number));
    }

    [Fact]
    public async Task History_ThatStorageDoesNotTake_IsCounted_AndStoredOnceItDoes()
    {
        await using var fleet = await StartAsync();
        await AppendAsync(fleet, "first");
        await Grain(fleet).TickAsync();
        _storage.IsAway = true;
        await AppendAsync(fleet, "second");
        await Grain(fleet).TickAsync();
        var held = await HistoryAsync(fleet);
        Assert.Equal((2, 1), (held.Items.Count, held.Unwritten));

        _storage.IsAway = false;
        await Grain(fleet).TickAsync();

        Assert.Equal((2, 0), (Writes, (await HistoryAsync(fleet)).Unwritten));
    }

    [Fact]
    public async Task Activation_ThatWasOvertaken_WritesOverNothing()
    {
        await using var left = await StartAsync();
        await AppendAsync(left, "left");
        await Grain(left).TickAsync();
        await using var right = await MemoryFleet.StartAsync(storage: _storage);
        await AppendAsync(right, "right");
        await Grain(right).TickAsync();
        await AppendAsync(left, "lost");

        await Grain(left).TickAsync();

        await Eventually.HoldsAsync(
            "it has read the other's", async () => (await HistoryAsync(left)).Items.Select(static one => one.Text).ToArray(),
            static texts => texts is ["right", "left"]);
    }

    [Fact]
    public async Task Storage_ThatWasEmptied_GetsAllOfItAgain()
    {
        await using var fleet = await StartAsync();
        await AppendAsync(fleet, "first");
        await Grain(fleet).TickAsync();

        _storage.Clear();
        await AppendAsync(fleet, "second");
        await Grain(fleet).TickAsync();

        await EndAsync(fleet);
        Assert.Equal(["second", "first"], (await HistoryAsync(fleet)).Items.Select(static one => one.Text));
    }

    /// <summary>It would take the whole answer for none.</summary>
    [Fact]
    public async Task Coordinator_OfAnOlderVersion_IsToldOfNoKindThatItDoesNotKnow()
    {
        await using var fleet = await StartAsync();
        await Grain(fleet).AppendAsync(new EventList([
            FleetEvent.Of(FleetEventKind.Node, "node", default), FleetEvent.Of(FleetEventKind.Refusal, "refusal", default),
            FleetEvent.Of(FleetEventKind.Action, "action", default), FleetEvent.Of(FleetEventKind.User, "user", default)]));

        var batch = await Grain(fleet).ReadKnownAsync("x-0-0");

        Assert.Equal(["node", "user"], batch.Events.Select(static one => one.Text));
        Assert.Equal((await Grain(fleet).ReadAsync(new EventQuestion("x-0-0"))).Position, batch.Position);
    }

    private int Writes => _storage.Writes.GetValueOrDefault("events");

    private Task<MemoryFleet> StartAsync() => MemoryFleet.StartAsync(storage: _storage);

    private static IEventsGrain Grain(MemoryFleet fleet) => fleet.Grains.GetGrain<IEventsGrain>(GrainKeys.Single);

    private static ValueTask AppendAsync(MemoryFleet fleet, string text) =>
        fleet.Fleet.RecordAsync([FleetEvent.Of(FleetEventKind.Action, text, default)], lost: 0, default);

    private static async Task<EventPage> HistoryAsync(MemoryFleet fleet) =>
        await fleet.Fleet.ReadHistoryAsync(new EventQuery { Kinds = [FleetEventKind.Action] }, default);

    // It stores at its end; whoever asks next finds what was stored.
    private static async Task EndAsync(MemoryFleet fleet)
    {
        await Grain(fleet).AsReference<IGrainManagementExtension>().DeactivateOnIdle();
        await Eventually.HoldsAsync("it answers again", () => HistoryAsync(fleet), static _ => true);
    }
}
