using Orleans.Core.Internal;
using Relay.Fleet.Users;
using Relay.Grains.Contracts;
using Relay.Grains.Tests.Stores;
using Relay.Grains.Users;

namespace Relay.Grains.Tests.Cluster;

/// <summary>How users are stored: a record with the latest changes, and buckets; and what becomes of them where storage loses some.</summary>
[Trait("Needs", "Cluster")]
public sealed class UserStoreTests
{
    private const int Count = 3 * UserLedger.MaxUnsettled;

    private readonly SharedStorage _storage = new();

    [Fact]
    public async Task ManyUsers_AreInBuckets_AndTheRecordStaysSmall()
    {
        await using var fleet = await StartAsync();
        var before = await fleet.Fleet.GetUserStoreAsync(default);

        await EndAsync(fleet);

        var after = await fleet.Fleet.GetUserStoreAsync(default);
        Assert.Equal((before.Store, before.Version, Count), (after.Store, after.Version, after.Users));
        var record = _storage.Find("users", Grain(fleet))!;
        Assert.InRange(Occurrences(record, "\"name\""), 0, UserLedger.MaxUnsettled + 1);
        Assert.True(_storage.Writes.Keys.Count(static key => key.Contains("users-", StringComparison.Ordinal)) > 100);
        Assert.Equal($"u{Count - 1}", (await fleet.Fleet.GetUserAsync($"u{Count - 1}", default))!.Name);
    }

    [Fact]
    public async Task Users_ThatWereRemoved_StaySo_WhateverBucketsHave()
    {
        await using var fleet = await StartAsync();
        await fleet.Fleet.DeleteUserAsync("u7", null, default);
        await EndAsync(fleet);
        Assert.Null(await fleet.Fleet.GetUserAsync("u7", default));

        // Until they are in buckets as well, and after.
        await PutAsync(fleet, "again", UserLedger.MaxUnsettled + 1);
        await EndAsync(fleet);

        Assert.Null(await fleet.Fleet.GetUserAsync("u7", default));
        Assert.Equal(Count + UserLedger.MaxUnsettled, (await fleet.Fleet.GetUserStoreAsync(default)).Users);
    }

    [Fact]
    public async Task Bucket_ThatStorageLost_MakesTheStoreAnother()
    {
        await using var fleet = await StartAsync();
        var before = await fleet.Fleet.GetUserStoreAsync(default);
        Assert.True((await fleet.Fleet.ConfirmUsersAsync(before.Store, default)).IsOk);

        _storage.Remove($"users-{UserBucket.Of("u7"):x2}", Grain(fleet));
        await EndAsync(fleet);

        var after = await fleet.Fleet.GetUserStoreAsync(default);
        Assert.NotEqual(before.Store, after.Store);
        Assert.False(after.IsConfirmed);
        Assert.InRange(after.Users, Count - 20, Count - 1);
        // It is whole again, as what it now is.
        await EndAsync(fleet);
        Assert.Equal((after.Store, after.Users), await StandsAsync(fleet));
    }

    /// <summary>Nobody is left who would have it written.</summary>
    [Fact]
    public async Task Bucket_ThatStorageLost_WithAllThatWereInIt_IsMissedOnce()
    {
        await using var fleet = await StartAsync();
        var before = await StandsAsync(fleet);
        var alone = Enumerable.Range(0, Count).Select(static i => UserBucket.Of($"u{i}")).GroupBy(static number => number)
            .First(static same => same.Count() == 1 && same.Key != UserBucket.Of($"u{Count - 1}")).Key;

        _storage.Remove($"users-{alone:x2}", Grain(fleet));
        await EndAsync(fleet);

        var after = await StandsAsync(fleet);
        Assert.Equal((true, before.Users - 1), (after.Store != before.Store, after.Users));
        await Eventually.HoldsAsync(async () =>
        {
            await StandsAsync(fleet);
            return _storage.Find($"users-{alone:x2}", Grain(fleet)) is not null;
        });
        await EndAsync(fleet);
        Assert.Equal(after, await StandsAsync(fleet));
    }

    [Fact]
    public async Task Record_OfBefore_MakesTheStoreAnother()
    {
        await using var fleet = await StartAsync();
        var (store, old) = ((await fleet.Fleet.GetUserStoreAsync(default)).Store, _storage.Find("users", Grain(fleet))!);
        await PutAsync(fleet, "later", 1);

        _storage.Put("users", Grain(fleet), old);
        _storage.History = "second";
        await EndAsync(fleet);

        Assert.NotEqual(store, (await fleet.Fleet.GetUserStoreAsync(default)).Store);
    }

    [Fact]
    public async Task Storage_EmptiedWhileAllIsKnown_GetsAllOfItAgain_AsAnotherStore()
    {
        await using var fleet = await StartAsync();
        var before = await fleet.Fleet.GetUserStoreAsync(default);

        _storage.Clear();
        _storage.History = "second";
        await Eventually.HoldsAsync("a change is taken", async () =>
            (await fleet.Fleet.PutUserAsync(new User { Name = "late" }, null, default)).IsOk, static isOk => isOk);
        await Eventually.HoldsAsync(async () =>
        {
            await fleet.Fleet.GetUserStoreAsync(default);
            return _storage.Find($"users-{UserBucket.Of("u7"):x2}", Grain(fleet)) is not null;
        });
        var after = await StandsAsync(fleet);
        await EndAsync(fleet);

        Assert.NotEqual(before.Store, after.Store);
        Assert.Equal(Count + 1, after.Users);
        Assert.NotNull(await fleet.Fleet.GetUserAsync("u7", default));
    }

    /// <summary>What another put into buckets, and out of the record, is in nothing that this one has read.</summary>
    [Fact]
    public async Task Users_OfAnotherActivation_AreAllThere_OnceItsRecordIsRead()
    {
        await using var fleet = await StartAsync();
        _storage.IsAway = true;
        Assert.False((await fleet.Fleet.PutUserAsync(new User { Name = "refused" }, null, default)).IsOk);
        _storage.IsAway = false;

        await using var other = await MemoryFleet.StartAsync(storage: _storage);
        await PutAsync(other, "other", 2 * UserLedger.MaxUnsettled);
        var stands = await StandsAsync(other);

        await Eventually.HoldsAsync("it answers", async () => await StandsAsync(fleet), now => now == stands);
        Assert.NotNull(await fleet.Fleet.GetUserAsync("other0", default));
    }

    [Fact]
    public async Task Storage_ThatIsAway_TakesNoChange_AndNodesAreToldOfNone()
    {
        await using var fleet = await StartAsync();
        var before = await StandsAsync(fleet);
        _storage.IsAway = true;

        var put = await fleet.Fleet.PutUserAsync(new User { Name = "late" }, null, default);

        Assert.Equal(FleetStatus.Unavailable, put.Status);
        _storage.IsAway = false;
        await Eventually.HoldsAsync("it answers", async () => await StandsAsync(fleet), stands => stands == before);
        Assert.Null(await fleet.Fleet.GetUserAsync("late", default));
    }

    private async Task<MemoryFleet> StartAsync()
    {
        var fleet = await MemoryFleet.StartAsync(storage: _storage);
        await PutAsync(fleet, "u", Count);
        return fleet;
    }

    private static async Task PutAsync(MemoryFleet fleet, string name, int count)
    {
        for (var i = 0; i < count; i++)
            Assert.True((await fleet.Fleet.PutUserAsync(new User { Name = $"{name}{i}" }, null, default)).IsOk);
    }

    private static async Task<(Guid Store, int Users)> StandsAsync(MemoryFleet fleet)
    {
        var info = await fleet.Fleet.GetUserStoreAsync(default);
        return (info.Store, info.Users);
    }

    private static GrainId Grain(MemoryFleet fleet) => fleet.Grains.GetGrain<IUsersGrain>(GrainKeys.Single).GetGrainId();

    private static async Task EndAsync(MemoryFleet fleet)
    {
        await fleet.Grains.GetGrain<IUsersGrain>(GrainKeys.Single).AsReference<IGrainManagementExtension>().DeactivateOnIdle();
        await Eventually.HoldsAsync("it answers again", async () => (await fleet.Fleet.GetUserStoreAsync(default)).Users, static _ => true);
    }

    private static int Occurrences(string text, string part) => text.Split(part).Length - 1;
}
