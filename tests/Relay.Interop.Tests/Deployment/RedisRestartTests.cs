using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Deployment;

/// <summary>The component redis, whose pods start again, all or some, with their volumes or without.</summary>
public sealed class RedisRestartTests : IDisposable
{
    private readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    /// <summary>Replicas that follow an empty primary forget all: it has to wait until they have another.</summary>
    [Theory]
    [InlineData(new[] { 0, 1, 2 }, true)]
    [InlineData(new[] { 0, 1, 2 }, false)]
    [InlineData(new[] { 0 }, true)]
    [InlineData(new[] { 0 }, false)]
    public async Task Pods_ThatStartAgainWithThePrimary_HaveWhatWasWritten_AlsoWithoutItsVolume(int[] which, bool isVolumeLost)
    {
        await using var pods = await StartAsync();
        await WriteAsync(pods);

        await RestartAsync(pods, which, isVolumeLost ? [0] : []);

        Assert.Equal("written", await pods.AskAsync(await pods.PrimaryAsync(), 6379, "get key"));
    }

    /// <summary>As docs/deploying.md has it: one Sentinel of three elects nobody.</summary>
    [Fact]
    public async Task OnlyPodThatHasItsVolume_OncePromoted_IsFollowedByTheOthers()
    {
        await using var pods = await StartAsync();
        await WriteAsync(pods);
        await RestartAsync(pods, [0, 1, 2], [0, 2]);
        await pods.WaitAsync(1, 26379, "ping", static answer => answer == "PONG");
        await pods.WaitAsync(1, 6379, "dbsize", static answer => answer == "1");

        await pods.ExecuteAsync(1, "promote");
        await RestartAsync(pods, [0, 2], []);

        Assert.Equal(1, await pods.PrimaryAsync());
        Assert.Equal("written", await pods.AskAsync(1, 6379, "get key"));
        foreach (var pod in (int[])[0, 2])
            await pods.WaitAsync(
                pod, 26379, "sentinel get-master-addr-by-name relayfleet", static answer => answer.Contains("redis-1.", StringComparison.Ordinal));
    }

    /// <summary>A rollout goes on to the next pod when one is ready: not while that one has not what the primary has.</summary>
    [Fact]
    public async Task Pod_ThatCannotFollowThePrimary_IsNotReady_AndAllWithTheNewPasswordAre()
    {
        await using var pods = await StartAsync();
        await WriteAsync(pods);
        Assert.True(await pods.IsReadyAsync(0));
        await Eventually.HoldsAsync("a replica that is ready", () => pods.IsReadyAsync(2), static ready => ready);

        pods.ChangePassword();
        await RestartAsync(pods, [2], []);
        await pods.WaitAsync(2, 6379, "ping", static answer => answer == "PONG");
        Assert.False(await pods.IsReadyAsync(2));

        // As docs/deploying.md has it: all at once.
        await RestartAsync(pods, [0, 1, 2], []);
        Assert.Equal("written", await pods.AskAsync(await pods.PrimaryAsync(), 6379, "get key"));
        for (var pod = 0; pod < 3; pod++)
            Assert.True(await pods.IsReadyAsync(pod));
    }

    /// <summary>Nobody is told of a renewal: the readiness probe sees it, and the kubelet starts what has ended.</summary>
    [Fact]
    public async Task Certificate_ThatIsRenewed_IsShownFromTheNextProbeOn()
    {
        await using var pods = await StartAsync();
        var before = await pods.ShownAsync(0, 6379);

        var after = pods.Renew(_authority);
        Assert.NotEqual(before, after);
        Assert.True(await pods.IsReadyAsync(0));
        Assert.Equal(after, await pods.ShownAsync(0, 6379));
        Assert.False(await pods.IsReadyAsync(0, "sentinel"));
        await pods.EndAsync(0, "sentinel");
        await RestartAsync(pods, [0], []);
        await Eventually.HoldsAsync("a Sentinel with the certificate", () => pods.ShownAsync(0, 26379), shown => shown == after);
        await Eventually.HoldsAsync("a Sentinel that is ready", () => pods.IsReadyAsync(0, "sentinel"), static ready => ready);
    }

    private async Task<RedisPods> StartAsync() => await RedisPods.StartAsync(await RenderedOverlay.BuildAsync("fleet"), _authority);

    private static async Task RestartAsync(RedisPods pods, int[] which, int[] lost)
    {
        foreach (var pod in which)
            await pods.KillAsync(pod);
        foreach (var pod in lost)
            pods.Lose(pod);
        foreach (var pod in which)
            pods.Start(pod);
    }

    private static async Task WriteAsync(RedisPods pods)
    {
        Assert.Equal("OK", await pods.AskAsync(await pods.PrimaryAsync(), 6379, "set key written"));
        for (var pod = 0; pod < 3; pod++)
            await pods.WaitAsync(pod, 6379, "get key", static answer => answer == "written");
    }
}
