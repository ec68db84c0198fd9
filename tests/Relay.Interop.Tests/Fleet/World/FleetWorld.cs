using Relay.Fleet.Contract;
using Relay.Testing.Redis;

namespace Relay.Interop.Tests.Fleet.World;

/// <summary>
/// Three nodes that lease blocks of one pool, whose addresses are loopback's, too: a machine may send from them without a route.
/// </summary>
internal sealed class FleetWorld : ProcessFleet
{
    public const string Pool = "edge";

    /// <summary>How long a node that is to drain still accepts.</summary>
    public static readonly TimeSpan LameTime = TimeSpan.FromSeconds(20);

    private FleetWorld()
    {
    }

    /// <summary>The folder of what the one coordinator remembers; null for its memory.</summary>
    public string? State { get; private set; }

    /// <summary>Starts it all, and waits until every node serves with a block of its own.</summary>
    /// <param name="silos">Whether there are three silos with a Redis.</param>
    /// <param name="lease">
    /// How long a block is a node's. Before the first is granted a new fleet waits as long: short where a test can do with it.
    /// Nodes stop to use what is not renewed 20 s earlier.
    /// </param>
    /// <param name="keepsState">Whether the one coordinator has a folder for what it remembers.</param>
    public static async Task<FleetWorld> StartAsync(bool silos, TimeSpan lease, bool keepsState = false)
    {
        var world = new FleetWorld();
        if (keepsState)
            world.State = world.Folder.File("state");
        return await world.ReadyAfterAsync(async world =>
        {
            if (silos)
                world.Redis = await RedisServer.StartAsync();
            await world.StartCoordinatorsAsync(
                world.State, "--lease-time-secs", $"{lease.TotalSeconds}", "--lame-time-secs", $"{LameTime.TotalSeconds}");
            await world.Api.PutPoolAsync(Pool, "127.96.0.0/16", 28, isNew: true);
            await world.StartNodesAsync(OptionsOf);
            await world.WaitUntilAllServeAsync();
        });
    }

    /// <summary>Waits until every node serves and holds a block.</summary>
    public Task WaitUntilAllServeAsync() => FleetApi.WaitUntilAsync(
        "every node serves with a block",
        async () => (await Api.NodesAsync())
            .Count(static one => one.State == NodeState.Serving && one.Leases.Count == 1)
            == Nodes.Count,
        2 * Limits.Transfer);

    /// <summary>Starts another node.</summary>
    public Task AddNodeAsync(string id) => AddNodeAsync(id, OptionsOf);

    private static string[] OptionsOf(string id) => ["--prefix-pool", Pool, "--graceful-shutdown-timeout-secs", "20"];
}
