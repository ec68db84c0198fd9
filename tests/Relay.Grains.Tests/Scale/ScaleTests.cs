using System.Globalization;
using Relay.Testing.Redis;

namespace Relay.Grains.Tests.Scale;

/// <summary>
/// The silo under many nodes. The large runs are explicit; <c>eng/scale.sh</c> writes docs/benchmarks.md from them. RELAY_SCALE_NODES
/// (1000), RELAY_SCALE_SESSIONS (200000) and RELAY_SCALE_SECONDS (30) say how large.
/// </summary>
[Trait("Needs", "Cluster")]
public sealed class ScaleTests(ITestOutputHelper output)
{
    private static readonly int Nodes = NumberOf("RELAY_SCALE_NODES", 1_000);
    private static readonly int Sessions = NumberOf("RELAY_SCALE_SESSIONS", 200_000);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(NumberOf("RELAY_SCALE_SECONDS", 30));

    [Fact]
    public async Task Silo_WithFiftyNodes_AnswersGrantsAndDrains()
    {
        var result = await new ScaleRun(50, 2_000, TimeSpan.FromSeconds(3), redis: null).RunAsync();

        Assert.True(result.Reports > 0);
        Assert.True(result.DrainAccepted >= TimeSpan.Zero);
    }

    [Fact(Explicit = true)]
    public async Task Silo_WithManyNodes_InMemory() =>
        Write("in process", await new ScaleRun(Nodes, Sessions, Measured, redis: null).RunAsync());

    [Fact(Explicit = true)]
    public async Task Silo_WithManyNodes_OnRedis()
    {
        await using var redis = await RedisServer.StartAsync();

        Write("in process, with Redis", await new ScaleRun(Nodes, Sessions, Measured, redis.Configuration).RunAsync());
    }

    [Fact(Explicit = true)]
    public async Task Coordinator_WithManyNodes_OverHttp() =>
        Write("over HTTP", await new ScaleHttpRun(Nodes, Sessions, Measured, redis: null).RunAsync());

    [Fact(Explicit = true)]
    public async Task Coordinator_WithManyNodes_OverHttpWithRedis()
    {
        await using var redis = await RedisServer.StartAsync();

        Write("over HTTP, with Redis", await new ScaleHttpRun(Nodes, Sessions, Measured, redis.Configuration).RunAsync());
    }

    private void Write(string run, ScaleResult result)
    {
        foreach (var line in result.Lines(run))
            output.WriteLine(line);
    }

    private static int NumberOf(string variable, int otherwise) => int.TryParse(
        Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var given) ? given : otherwise;
}
