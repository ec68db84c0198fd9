using Relay.Testing.Redis;

namespace Relay.Grains.Tests.Scale;

/// <summary>
/// The silo under many nodes. The large runs are explicit: <c>-explicit only -class '*ScaleTests'</c>.
/// </summary>
[Trait("Needs", "Cluster")]
public sealed class ScaleTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Silo_WithFiftyNodes_AnswersGrantsAndDrains()
    {
        var result = await new ScaleRun(50, 2_000, TimeSpan.FromSeconds(3), redis: null).RunAsync();

        Assert.True(result.Reports > 0);
    }

    [Fact(Explicit = true)]
    public async Task Silo_WithAThousandNodes_InMemory() =>
        output.WriteLine((await new ScaleRun(1_000, 200_000, TimeSpan.FromSeconds(30), redis: null).RunAsync())
            .ToMarkdown());

    [Fact(Explicit = true)]
    public async Task Silo_WithAThousandNodes_OnRedis()
    {
        await using var redis = await RedisServer.StartAsync();

        var run = new ScaleRun(1_000, 200_000, TimeSpan.FromSeconds(30), redis.Configuration);
        output.WriteLine((await run.RunAsync()).ToMarkdown());
    }
}
