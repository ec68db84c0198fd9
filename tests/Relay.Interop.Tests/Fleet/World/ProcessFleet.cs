using Relay.Interop.Tests.Relays;
using Relay.Testing.Admin;
using Relay.Testing.Certificates;
using Relay.Testing.Network;
using Relay.Testing.Redis;

namespace Relay.Interop.Tests.Fleet.World;

/// <summary>
/// Nodes and their coordinators, one over LocalFleet or three silos with a Redis. All are processes, on loopback.
/// </summary>
internal abstract class ProcessFleet : IAsyncDisposable
{
    private const string NodeToken = "token-of-every-node-in-this-test-0123456789";
    private const string OperatorToken = "token-of-the-operator-in-this-test-012345678";

    private readonly TestAuthority _authority = new();
    private CertificateFiles? _files;
    private string? _token;

    /// <summary>What silos keep; null where there is one coordinator.</summary>
    public RedisServer? Redis { get; protected set; }

    public IReadOnlyList<Coordinator> Coordinators { get; private set; } = [];

    public IReadOnlyList<FleetNode> Nodes { get; private set; } = [];

    public FleetApi Api { get; private set; } = null!;

    /// <summary>What its processes read and write.</summary>
    protected ScratchFolder Folder { get; } = new();

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
        Folder.Dispose();
    }

    /// <summary>Starts three silos where there is a Redis, else one coordinator.</summary>
    /// <param name="state">The one coordinator's folder; null for its memory.</param>
    /// <param name="options">What each is given besides.</param>
    protected async Task StartCoordinatorsAsync(string? state, params string[] options)
    {
        var tokens = Folder.WriteTokens(("node-*", "node", NodeToken), ("ops", "operator", OperatorToken));
        Coordinators = Redis is { } redis
            ? [.. Enumerable.Range(0, 3).Select(_ => new Coordinator(tokens,
            [
                "--fleet", "silo", "--redis", $"{redis.Configuration},{RedisServer.Hasty}", "--cluster-id", "test",
                "--silo-address", $"127.0.0.1:{Ports.FreeTcp()}",
                .. options,
            ]))]
            : [new Coordinator(tokens, ["--fleet", "local", .. state is null ? (string[])[] : ["--state", state], .. options])];
        foreach (var coordinator in Coordinators)
            await coordinator.StartAsync();
        Api = new FleetApi(Coordinators, OperatorToken) { WaitsForADisk = state is not null };
    }

    /// <summary>Starts three nodes.</summary>
    /// <param name="optionsOf">What each is given besides.</param>
    protected async Task StartNodesAsync(Func<string, string[]> optionsOf)
    {
        Nodes = [.. Enumerable.Range(1, 3).Select(index => NewNode($"node-{index}", optionsOf))];
        foreach (var node in Nodes)
            await node.StartAsync();
    }

    /// <summary>Starts another.</summary>
    protected async Task AddNodeAsync(string id, Func<string, string[]> optionsOf)
    {
        var node = NewNode(id, optionsOf);
        Nodes = [.. Nodes, node];
        await node.StartAsync();
    }

    private FleetNode NewNode(string id, Func<string, string[]> optionsOf)
    {
        if (_files is null)
        {
            using var certificate = _authority.IssueServer(RelayProcess.Name, "localhost", "127.0.0.1");
            _files = CertificateFiles.Write(Folder, "relay", certificate);
            _token = Folder.Write("node-token", NodeToken);
        }
        return new FleetNode(id, _files,
        [
            "--fleet-token-file", _token!,
            .. optionsOf(id),
            .. Coordinators.SelectMany(static one => new[] { "--fleet", one.Address.ToString().TrimEnd('/') }),
        ]);
    }
}
