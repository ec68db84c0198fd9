using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Relay.Admin.Http;

namespace Relay.Admin.Tests;

public class IdempotencyStoreTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public async Task Do_MoreThanItsCapacity_ForgetsTheOldest()
    {
        var store = new IdempotencyStore(_clock);
        for (var i = 0; i < IdempotencyStore.Capacity + 10; i++)
            await store.DoAsync($"k{i}", default, Done);
        Assert.False((await store.DoAsync("k0", default, Done)).IsRepeat);
        Assert.True((await store.DoAsync($"k{IdempotencyStore.Capacity + 9}", default, Done)).IsRepeat);
    }

    [Fact]
    public async Task Do_OfOneWhoAsksAsOftenAsHeCan_LeavesOthersTheirs()
    {
        var store = new IdempotencyStore(_clock);
        await store.DoAsync("otto\n/v1/drains\nk", default, Done);
        for (var i = 0; i < 3 * IdempotencyStore.Capacity; i++)
            await store.DoAsync($"node\n/v1/nodes/a/drain\nk{i}", default, Done);
        // What was refused takes no place.
        for (var i = 0; i < 3 * IdempotencyStore.Capacity; i++)
            await store.DoAsync(
                $"other-{i}\n/v1/nodes/a/drain\nk", default, static () => Task.FromResult(Results.StatusCode(403)));

        Assert.True((await store.DoAsync("otto\n/v1/drains\nk", default, Done)).IsRepeat);
    }

    [Fact]
    public async Task Do_AfterADay_IsDoneAnew()
    {
        var store = new IdempotencyStore(_clock);
        await store.DoAsync("k", default, Done);
        _clock.Advance(IdempotencyStore.KeptFor - TimeSpan.FromMinutes(1));
        Assert.True((await store.DoAsync("k", default, Done)).IsRepeat);
        _clock.Advance(TimeSpan.FromMinutes(2));
        Assert.False((await store.DoAsync("k", default, Done)).IsRepeat);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(-10)]
    public async Task Do_AfterTheWallClockWasSet_IsARepeat_AndNotForLonger(int days)
    {
        var clock = new ManualTime();
        var store = new IdempotencyStore(clock);
        await store.DoAsync("k", default, Done);
        clock.SetClock(TimeSpan.FromDays(days));
        Assert.True((await store.DoAsync("k", default, Done)).IsRepeat);
        clock.Advance(IdempotencyStore.KeptFor);
        Assert.False((await store.DoAsync("k", default, Done)).IsRepeat);
    }

    [Fact]
    public async Task Do_Failed_IsNotKept()
    {
        var store = new IdempotencyStore(_clock);
        await store.DoAsync("k", default, static () => Task.FromResult(Results.StatusCode(503)));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => store.DoAsync("k", default, static () => throw new InvalidOperationException()));
        Assert.False((await store.DoAsync("k", default, Done)).IsRepeat);
    }

    [Fact]
    public async Task Do_TheFirstIsCutOff_WhoeverWaitedHasATryOfItsOwn()
    {
        var store = new IdempotencyStore(_clock);
        var first = new TaskCompletionSource<IResult>();
        var cutOff = store.DoAsync("k", default, () => first.Task);
        var waiting = store.DoAsync("k", default, Done);
        Assert.False(waiting.IsCompleted);
        first.SetException(new OperationCanceledException());
        await Assert.ThrowsAsync<OperationCanceledException>(() => cutOff);
        Assert.Equal(202, Assert.IsAssignableFrom<IStatusCodeHttpResult>((await waiting).Answer).StatusCode);
    }

    private static Task<IResult> Done() => Task.FromResult(Results.StatusCode(202));
}
