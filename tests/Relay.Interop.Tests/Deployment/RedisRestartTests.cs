using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Deployment;

/// <summary>The component redis, whose pods start again, all or some, with their volumes or without.</summary>
public sealed class RedisRestartTests : IDisposable
{
    private readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    /// <summary>Replicas that follow an empty primary forget all: it has to wait until they have another.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task AllPods_ThatStartAtOnce_HaveWhatWasWritten_AlsoWithoutThePrimarysVolume(bool isVolumeLost)
    {
        await using var pods = await StartAsync();
        await WriteAsync(pods);

        for (var pod = 0; pod < 3; pod++)
            await pods.KillAsync(pod);
        if (isVolumeLost)
            pods.Lose(0);
        for (var pod = 0; pod < 3; pod++)
            pods.Start(pod);

        Assert.Equal("written", await pods.AskAsync(await pods.PrimaryAsync(), 6379, "get key"));
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
        await pods.KillAsync(2);
        pods.Start(2);
        await pods.WaitAsync(2, 6379, "ping", static answer => answer == "PONG");
        Assert.False(await pods.IsReadyAsync(2));

        // As docs/deploying.md has it: all at once.
        for (var pod = 0; pod < 3; pod++)
            await pods.KillAsync(pod);
        for (var pod = 0; pod < 3; pod++)
            pods.Start(pod);
        Assert.Equal("written", await pods.AskAsync(await pods.PrimaryAsync(), 6379, "get key"));
        for (var pod = 0; pod < 3; pod++)
            Assert.True(await pods.IsReadyAsync(pod));
    }

    private async Task<RedisPods> StartAsync() => await RedisPods.StartAsync(await RenderedOverlay.BuildAsync("fleet"), _authority);

    private static async Task WriteAsync(RedisPods pods)
    {
        Assert.Equal("OK", await pods.AskAsync(await pods.PrimaryAsync(), 6379, "set key written"));
        for (var pod = 0; pod < 3; pod++)
            await pods.WaitAsync(pod, 6379, "get key", static answer => answer == "written");
    }
}
