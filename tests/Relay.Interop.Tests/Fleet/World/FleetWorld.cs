using Relay.Fleet.Contract;
using Relay.Interop.Tests.Relays;
using Relay.Testing.Admin;
using Relay.Testing.Certificates;
using Relay.Testing.Network;
using Relay.Testing.Redis;

namespace Relay.Interop.Tests.Fleet.World;

/// <summary>
/// Three nodes that lease blocks of one pool, and their coordinators: one over LocalFleet, or three silos with a Redis.
/// All are processes, on loopback: the pool's addresses are loopback's, too, which a machine may send from without a
/// route.
/// </summary>
internal sealed class FleetWorld : IAsyncDisposable
{
    public const string Pool = "edge";
    private const string NodeToken = "token-of-every-node-in-this-test-0123456789";
    private const string OperatorToken = "token-of-the-operator-in-this-test-012345678";

    /// <summary>How long a node that is to drain still accepts.</summary>
    public static readonly TimeSpan LameTime = TimeSpan.FromSeconds(20);

    private readonly ScratchFolder _folder = new();
    private readonly TestAuthority _authority = new();
    private Func<string, FleetNode>? _newNode;

    private FleetWorld()
    {
    }

    public RedisServer? Redis { get; private set; }

    /// <summary>The folder of what the one coordinator remembers; null for its memory.</summary>
    public string? State { get; private set; }

    public IReadOnlyList<Coordinator> Coordinators { get; private set; } = [];

    public IReadOnlyList<FleetNode> Nodes { get; private set; } = [];

    public FleetApi Api { get; private set; } = null!;

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
            world.State = world._folder.File("state");
        return await world.ReadyAfterAsync(async world =>
        {
            if (silos)
                world.Redis = await RedisServer.StartAsync();
            await world.StartCoordinatorsAsync(silos, lease);
            await world.Api.PutPoolAsync(Pool, "127.96.0.0/16", 28, isNew: true);
            await world.StartNodesAsync();
        });
    }

    /// <summary>Waits until every node serves and holds a block.</summary>
    public Task WaitUntilAllServeAsync() => FleetApi.WaitUntilAsync(
        "every node serves with a block",
        async () => (await Api.NodesAsync())
            .Count(static one => one.State == NodeState.Serving && one.Leases.Count == 1)
            == Nodes.Count,
        2 * Limits.Transfer);

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
            await node.DisposeAsync();
        Api?.Dispose();
        foreach (var coordinator in Coordinators)
            await coordinator.DisposeAsync();
        if (Redis is not null)
            await Redis.DisposeAsync();
        _authority.Dispose();
        _folder.Dispose();
    }

    private async Task StartCoordinatorsAsync(bool silos, TimeSpan lease)
    {
        var tokens = _folder.WriteTokens(("node-*", "node", NodeToken), ("ops", "operator", OperatorToken));
        string[] timing = ["--lease-time-secs", $"{lease.TotalSeconds}", "--lame-time-secs", $"{LameTime.TotalSeconds}"];
        Coordinators = silos
            ? [.. Enumerable.Range(0, 3).Select(_ => new Coordinator(tokens,
            [
                "--fleet", "silo", "--redis", $"{Redis!.Configuration},{RedisServer.Hasty}", "--cluster-id", "test",
                "--silo-address", $"127.0.0.1:{Ports.FreeTcp()}",
                .. timing,
            ]))]
            : [new Coordinator(tokens, ["--fleet", "local", .. State is { } state ? ["--state", state] : (string[])[], .. timing])];
        foreach (var coordinator in Coordinators)
            await coordinator.StartAsync();
        Api = new FleetApi(Coordinators, OperatorToken) { WaitsForADisk = State is not null };
    }

    private async Task StartNodesAsync()
    {
        var token = _folder.Write("node-token", NodeToken);
        using var certificate = _authority.IssueServer(RelayProcess.Name, "localhost", "127.0.0.1");
        var files = CertificateFiles.Write(_folder, "relay", certificate);
        string[] options =
        [
            "--fleet-token-file", token, "--prefix-pool", Pool, "--graceful-shutdown-timeout-secs", "20",
            .. Coordinators.SelectMany(static one => new[] { "--fleet", one.Address.ToString().TrimEnd('/') }),
        ];
        _newNode = id => new FleetNode(id, files, options);
        Nodes = [.. Enumerable.Range(1, 3).Select(index => _newNode($"node-{index}"))];
        foreach (var node in Nodes)
            await node.StartAsync();
        await WaitUntilAllServeAsync();
    }

    /// <summary>Starts another node.</summary>
    public async Task AddNodeAsync(string id)
    {
        var node = _newNode!(id);
        Nodes = [.. Nodes, node];
        await node.StartAsync();
    }
}
