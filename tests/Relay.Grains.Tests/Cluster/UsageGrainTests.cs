using Orleans.Core.Internal;
using Relay.Fleet.Usage;
using Relay.Grains.Contracts;
using Relay.Grains.Tests.Stores;
using Relay.Grains.Users;

namespace Relay.Grains.Tests.Cluster;

/// <summary>How what users have used is stored, where another stores as well, and where storage loses or hides something.</summary>
[Trait("Needs", "Cluster")]
public sealed class UsageGrainTests
{
    private static readonly Guid Incarnation = Guid.Parse("6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11");

    private readonly GrainId _id = GrainId.Create("usage", "1");
    private readonly SharedStorage _storage = new();

    [Fact]
    public async Task Record_OfAnotherActivation_IsWrittenOverByNoneThatHasNotReadIt()
    {
        await using var left = await StartAsync();
        await AddAsync(left, 1, 10);
        await Grain(left).TickAsync();
        await using var right = await MemoryFleet.StartAsync(storage: _storage);
        await AddAsync(right, 2, 5);
        await AddAsync(left, 2, 100);
        await Grain(left).TickAsync();

        await Grain(right).TickAsync();

        await Eventually.HoldsAsync("it has read the other's", () => ReadAsync(right), static bytes => bytes is [110]);
        await AddAsync(right, 3, 1000);
        await Grain(right).TickAsync();
        await EndAsync(right);
        Assert.Equal([1110], await ReadAsync(right));
    }

    [Fact]
    public async Task Write_ThatArrivedUnheard_IsItsOwn()
    {
        await using var fleet = await StartAsync();
        await AddAsync(fleet, 1, 10);
        _storage.AfterWrite = static _ => throw new IOException("the answer is lost");
        await Grain(fleet).TickAsync();
        _storage.AfterWrite = null;
        await AddAsync(fleet, 2, 5);

        await Grain(fleet).TickAsync();

        Assert.Equal((15, 1), ((await ReadAsync(fleet))[0], _storage.Conflicts));
        await EndAsync(fleet);
        Assert.Equal([15], await ReadAsync(fleet));
    }

    [Fact]
    public async Task Storage_ThatWasEmptied_GetsAllMonthsAgain()
    {
        await using var fleet = await StartAsync();
        await AddAsync(fleet, 1, 10);
        await Grain(fleet).TickAsync();
        fleet.SetClock(TimeSpan.FromDays(31));
        await AddAsync(fleet, 2, 5);
        await Grain(fleet).TickAsync();

        _storage.Clear();
        await AddAsync(fleet, 3, 1);
        for (var i = 0; i < 2; i++)
            await Grain(fleet).TickAsync();

        await EndAsync(fleet);
        Assert.Equal([6, 10], await ReadAsync(fleet));
    }

    [Fact]
    public async Task Record_ThatIsNone_IsToldOf_AndCountedAnew()
    {
        List<string> lines = [];
        var store = new UsageStore(_storage, _id, new CallbackLog((_, _, line, _) => lines.Add(line)));
        _storage.Put("usage-2026-11", _id, """{"month":"2026-11","users":[{"name":"Alice","up":1,"down":1,"tunnels":1,"seen":1}]}""");

        Assert.True(Month.TryParse("2026-11", out var month));
        Assert.Empty(await store.ReadAsync([month]));
        Assert.Contains("one has no name", Assert.Single(lines), StringComparison.Ordinal);

        var counted = new UsageMonth { Month = "2026-11", Users = [new UsedMonth("alice", 1, 2, 3, 4)] };
        await store.WriteAsync([counted], ["2026-11"]);
        Assert.Equal(counted.Users, Assert.Single(await store.ReadAsync([month])).Users);
    }

    [Fact]
    public async Task Users_OfAPartThatDoesNotAnswer_AreShownWithoutTheirUse_AndOthersWithIt()
    {
        const string Away = "bob";
        Assert.NotEqual(GrainKeys.ShardOf("alice"), GrainKeys.ShardOf(Away));
        await using var fleet = await MemoryFleet.StartAsync(configure: silo => silo.AddIncomingGrainCallFilter(static call =>
            call.MethodName == nameof(IUsageGrain.GlanceAsync) && call.TargetId.GetIntegerKey() == GrainKeys.ShardOf(Away)
                ? throw new IOException("it is away") : call.Invoke()));
        foreach (var name in (string[])["alice", Away])
            Assert.True((await fleet.Fleet.PutUserAsync(new User { Name = name }, null, default)).IsOk);
        await AddAsync(fleet, 1, 10);

        var users = (await fleet.Fleet.ListUsersAsync(new UserQuery(), default)).Items;

        Assert.Equal([("alice", 10), (Away, null)], users.Select(static user => (user.Name, user.BytesThisMonth)));
    }

    private async Task<MemoryFleet> StartAsync()
    {
        var fleet = await MemoryFleet.StartAsync(storage: _storage);
        Assert.True((await fleet.Fleet.PutUserAsync(new User { Name = "alice" }, null, default)).IsOk);
        return fleet;
    }

    private static IUsageGrain Grain(MemoryFleet fleet) => fleet.Grains.GetGrain<IUsageGrain>(GrainKeys.ShardOf("alice"));

    private static Task<UseAnswer> AddAsync(MemoryFleet fleet, long number, long bytes) =>
        Grain(fleet).AddAsync(new UseAddition("edge-1", Incarnation, number, [new UserUse("alice", bytes, 0, 1)]));

    private static async Task<List<long>> ReadAsync(MemoryFleet fleet) =>
        [.. (await Grain(fleet).ReadAsync("alice")).Months.Select(static month => month.BytesUp)];

    // It stores at its end; whoever asks next finds what was stored.
    private static async Task EndAsync(MemoryFleet fleet)
    {
        await Grain(fleet).AsReference<IGrainManagementExtension>().DeactivateOnIdle();
        await Eventually.HoldsAsync("it answers again", () => ReadAsync(fleet), static _ => true);
    }
}
