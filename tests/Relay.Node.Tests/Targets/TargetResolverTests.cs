using System.Net.Sockets;
using Relay.Native.Linux;
using Relay.Node.Io;
using Relay.Node.Targets;

namespace Relay.Node.Tests.Targets;

public class TargetResolverTests
{
    private static readonly TargetResolverLimits Limits = new() { CacheEntries = 3, LookupsInFlight = 2 };

    private const AddressFamily V4 = AddressFamily.InterNetwork;
    private const AddressFamily V6 = AddressFamily.InterNetworkV6;

    private readonly ManualTime _clock = new();
    private readonly ScriptedLookup _lookup = new();
    private readonly TargetResolver _resolver;
    private ulong _sources;

    public TargetResolverTests() => _resolver = new TargetResolver(_lookup.LookUpAsync, Limits, _clock);

    [Fact]
    public async Task ResolveAsync_Answer_KeepsTheOrder()
    {
        var asked = Ask("a.example");
        Assert.False(asked.IsCompleted);
        _lookup.Answer("a.example", "2001:db8::2", "192.0.2.9", "192.0.2.1");

        var result = await asked;
        Assert.Equal(ResolveStatus.Success, result.Status);
        Assert.Equal(["2001:db8::2", "192.0.2.9", "192.0.2.1"], result.Addresses.Select(a => a.ToString()));
        Assert.Null(result.Rcode);
        Assert.Equal(0, _resolver.LookupsInFlight);
    }

    [Fact]
    public async Task ResolveAsync_SameNameAtOnce_OneLookup()
    {
        var asked = Enumerable.Range(0, 50).Select(i => Ask(i % 2 == 0 ? "a.example" : "A.Example")).ToArray();
        Assert.Equal(["a.example"], _lookup.Asked);
        _lookup.Answer("a.example", "192.0.2.1");
        var results = await Task.WhenAll(asked);
        Assert.All(results, result => Assert.Same(results[0], result));
    }

    [Fact]
    public async Task ResolveAsync_Cached_UntilTheLifetimeEnds()
    {
        await AskAndAnswer("a.example");
        _clock.Advance(Limits.PositiveLifetime - TimeSpan.FromTicks(1));
        Assert.True(Ask("A.EXAMPLE").IsCompletedSuccessfully);
        Assert.Single(_lookup.Asked);

        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.False(Ask("a.example").IsCompleted);
        Assert.Equal(2, _lookup.Asked.Count);
    }

    [Theory]
    [InlineData(SocketError.HostNotFound, "NotFound", "NXDOMAIN")]
    [InlineData(SocketError.NoData, "NotFound", "NXDOMAIN")]
    [InlineData(SocketError.TryAgain, "TemporaryFailure", null)]
    [InlineData(SocketError.NoRecovery, "TemporaryFailure", null)]
    [InlineData(SocketError.SocketError, "TemporaryFailure", null)]
    public async Task ResolveAsync_Failure_IsNamedAndCachedBriefly(SocketError error, string status, string? rcode)
    {
        var asked = Ask("a.example");
        _lookup.Fail("a.example", error);
        var result = await asked;
        Assert.Equal(Enum.Parse<ResolveStatus>(status), result.Status);
        Assert.Equal(rcode, result.Rcode);
        Assert.Empty(result.Addresses);

        _clock.Advance(Limits.NegativeLifetime - TimeSpan.FromTicks(1));
        Assert.Same(result, await Ask("a.example"));
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.False(Ask("a.example").IsCompleted);
    }

    // EAI_AGAIN is what the C library says of a server that failed and of one that is silent. What it has waited for tells
    // which: its shortest time for an answer is a second.
    [Fact]
    public async Task ResolveAsync_TriedInVainForASecond_IsATimeout()
    {
        var asked = Ask("a.example");
        _clock.Advance(TimeSpan.FromSeconds(1));
        _lookup.Fail("a.example", SocketError.TryAgain);
        Assert.Same(ResolveResult.Timeout, await asked);
        Assert.Null(ResolveResult.Timeout.Rcode);
    }

    [Fact]
    public async Task ResolveAsync_OneFamilyIsNeverAnswered_TheOtherHasItsOwnPlaces()
    {
        for (int i = 0; i < Limits.LookupsInFlight; i++)
            _ = _resolver.ResolveAsync($"{i}.example", V6, ++_sources, default).AsTask();
        Assert.Equal(ResolveStatus.Overloaded, (await _resolver.ResolveAsync("c.example", V6, ++_sources, default)).Status);
        for (int i = 0; i < 10; i++)
            await AskAndAnswer($"{i}.example");
        Assert.Equal(Limits.LookupsInFlight, _resolver.LookupsInFlight);
    }

    [Fact]
    public async Task ResolveAsync_NoAddresses_IsNotFound()
    {
        var asked = Ask("a.example");
        _lookup.Answer("a.example");
        Assert.Equal(ResolveStatus.NotFound, (await asked).Status);
    }

    [Fact]
    public async Task ResolveAsync_LookupThrows_IsAnAnswerAllTheSame()
    {
        var notAName = Ask("a..example");
        _lookup.Fail("a..example", new ArgumentException("label"));
        Assert.Equal(ResolveStatus.NotFound, (await notAName).Status);

        var broken = new TargetResolver((_, _) => throw new InvalidOperationException("no thread"), Limits, _clock);
        var result = await broken.ResolveAsync("a.example", V4, 0, default);
        Assert.Equal(ResolveStatus.TemporaryFailure, result.Status);
        Assert.Equal(0, broken.LookupsInFlight);
    }

    [Fact]
    public async Task ResolveAsync_TooManyInFlight_IsOverloadedAtOnce()
    {
        var first = Ask("a.example");
        var second = Ask("b.example");
        Assert.Equal(ResolveStatus.Overloaded, (await Ask("c.example")).Status);
        Assert.False(Ask("b.example").IsCompleted); // joins, needs no room

        _lookup.Answer("a.example", "192.0.2.1");
        await first;
        Assert.False(Ask("c.example").IsCompleted); // was not remembered as a failure
        Assert.Equal(["a.example", "b.example", "c.example"], _lookup.Asked);
        Assert.False(second.IsCompleted);
    }

    [Fact]
    public async Task ResolveAsync_OneSourceAsksForMany_OthersHaveTheirShare()
    {
        var lookup = new ScriptedLookup();
        var resolver = new TargetResolver(lookup.LookUpAsync, Limits with { LookupsInFlight = 32 }, _clock);
        // Seven eighths of the places while nobody else wants any; then an eighth for each.
        Assert.Equal(28, await BeginAsync(resolver, 1, 40));
        Assert.Equal(3, await BeginAsync(resolver, 2, 3));
        Assert.Equal(1, await BeginAsync(resolver, 3, 20));

        // What is done makes room, for those who have less than their share.
        for (var i = 0; i < 4; i++)
        {
            var pending = resolver.ResolveAsync(lookup.Asked[i], V4, 7, default).AsTask();
            lookup.Answer(lookup.Asked[i], "192.0.2.1");
            await pending;
        }
        Assert.Equal(0, await BeginAsync(resolver, 1, 1));
        Assert.Equal(1, await BeginAsync(resolver, 2, 5));
        Assert.Equal(3, await BeginAsync(resolver, 3, 5));
        Assert.Equal(0, await BeginAsync(resolver, 4, 1));
    }

    [Fact]
    public async Task ResolveAsync_NetworksOfOneSite_HaveOneShare()
    {
        var lookup = new ScriptedLookup();
        var resolver = new TargetResolver(lookup.LookUpAsync, Limits with { LookupsInFlight = 32 }, _clock);
        for (var i = 0; i < 28; i++)
            Assert.Equal(1, await BeginAsync(resolver, SourceOf($"2001:db8:1:{i:x}::1"), 1));
        Assert.Equal(0, await BeginAsync(resolver, SourceOf("2001:db8:1:ffff::1"), 1));
        Assert.Equal(2, await BeginAsync(resolver, SourceOf("2001:db8:2::1"), 2));
        Assert.Equal(1, await BeginAsync(resolver, SourceOf("198.51.100.1"), 1));
        Assert.Equal(1, await BeginAsync(resolver, SourceOf("198.51.100.2"), 5));
    }

    [Fact]
    public async Task ResolveAsync_ShareThatWasSet_IsWhatASourceHas()
    {
        var lookup = new ScriptedLookup();
        var resolver = new TargetResolver(
            lookup.LookUpAsync, Limits with { LookupsInFlight = 32, SourceShare = 10 }, _clock);
        Assert.Equal(22, await BeginAsync(resolver, 1, 40));
        Assert.Equal(10, await BeginAsync(resolver, 2, 40));
        Assert.Equal(0, await BeginAsync(resolver, 3, 1));
    }

    private static ulong SourceOf(string address) =>
        SourceKey.Of(new SocketEndpoint(new IPEndPoint(IPAddress.Parse(address), 1)));

    /// <returns>How many of so many look-ups are under way.</returns>
    private static async Task<int> BeginAsync(TargetResolver resolver, ulong source, int count)
    {
        var begun = 0;
        for (var i = 0; i < count; i++)
        {
            var asked = resolver.ResolveAsync($"{Guid.NewGuid():n}.example", V4, source, default);
            if (!asked.IsCompleted)
                begun++;
            else
                Assert.Equal(ResolveStatus.Overloaded, (await asked).Status);
        }
        return begun;
    }

    [Fact]
    public async Task ResolveAsync_HungLookup_TimesOutAndStillCounts()
    {
        var early = Ask("hung.example");
        _clock.Advance(TimeSpan.FromSeconds(4));
        var late = Ask("hung.example");
        _clock.Advance(Limits.Timeout - TimeSpan.FromSeconds(4));
        Assert.Equal(ResolveStatus.Timeout, (await early).Status);
        Assert.False(late.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(ResolveStatus.Timeout, (await late).Status);

        Assert.Equal(1, _resolver.LookupsInFlight);
        _ = Ask("b.example");
        Assert.Equal(ResolveStatus.Overloaded, (await Ask("c.example")).Status);

        // Its answer is late, not lost.
        var again = Ask("hung.example");
        _lookup.Answer("hung.example", "192.0.2.1");
        Assert.Equal(ResolveStatus.Success, (await again).Status);
        Assert.Equal(ResolveStatus.Success, (await Ask("hung.example")).Status);
        Assert.Equal(["hung.example", "b.example"], _lookup.Asked);
        Assert.Equal(1, _resolver.LookupsInFlight);
    }

    [Fact]
    public async Task ResolveAsync_Answered_LeavesNoTimer()
    {
        await AskAndAnswer("a.example");
        // The framework runs continuations, such as this method, before it disposes of the timer.
        await Task.Yield();
        Assert.True(SpinWait.SpinUntil(() => _clock.ActiveTimers == 0, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task ResolveAsync_Cancelled_OthersStillGetTheAnswer()
    {
        using var cancellation = new CancellationTokenSource();
        var cancelled = _resolver.ResolveAsync("a.example", V4, ++_sources, cancellation.Token).AsTask();
        var other = Ask("a.example");
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _resolver.ResolveAsync("b.example", V4, ++_sources, cancellation.Token).AsTask());
        Assert.Equal(["a.example"], _lookup.Asked);

        _lookup.Answer("a.example", "192.0.2.1");
        Assert.Equal(ResolveStatus.Success, (await other).Status);
    }

    [Fact]
    public async Task Cache_Full_DropsTheOldest()
    {
        foreach (string host in (string[])["a.example", "b.example", "c.example", "d.example"])
            await AskAndAnswer(host);
        Assert.True(Ask("b.example").IsCompletedSuccessfully);
        Assert.True(Ask("c.example").IsCompletedSuccessfully);
        Assert.True(Ask("d.example").IsCompletedSuccessfully);
        Assert.False(Ask("a.example").IsCompleted);
    }

    [Fact]
    public void Cache_Full_DropsFailuresBeforeSuccesses()
    {
        var cache = new ResolveCache(Limits, _clock);
        var found = ResolveResult.Found([IPAddress.Loopback]);
        cache.Add("a", found);
        cache.Add("b", found);
        cache.Add("c", ResolveResult.NotFound);
        cache.Add("d", ResolveResult.NotFound);
        cache.Add("e", found);
        Assert.Equal(3, cache.Count);
        Assert.All((string[])["a", "b", "e"], host => Assert.True(cache.TryGet(host, out _)));
        cache.Add("f", ResolveResult.NotFound);
        Assert.False(cache.TryGet("a", out _));
    }

    [Fact]
    public void Cache_ManyNamesOverTime_StaysBounded()
    {
        var cache = new ResolveCache(Limits with { CacheEntries = 100 }, _clock);
        for (int i = 0; i < 10_000; i++)
        {
            cache.Add($"{i % 150}", i % 3 == 0 ? ResolveResult.NotFound : ResolveResult.Found([IPAddress.Loopback]));
            Assert.InRange(cache.Count, 1, 100);
            _clock.Advance(TimeSpan.FromMilliseconds(i % 400));
        }

        _clock.Advance(Limits.PositiveLifetime);
        cache.Add("last", ResolveResult.NotFound);
        Assert.Equal(1, cache.Count);
    }

    [Fact]
    public void Constructor_ZeroLimits_Throw()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new TargetResolver(_lookup.LookUpAsync, Limits with { CacheEntries = 0 }, _clock));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new TargetResolver(_lookup.LookUpAsync, Limits with { LookupsInFlight = 0 }, _clock));
    }

    private Task<ResolveResult> Ask(string host) => _resolver.ResolveAsync(host, V4, ++_sources, default).AsTask();

    private async Task AskAndAnswer(string host)
    {
        var asked = Ask(host);
        _lookup.Answer(host, "192.0.2.1");
        Assert.Equal(ResolveStatus.Success, (await asked).Status);
    }
}
