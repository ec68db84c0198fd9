using System.Text.RegularExpressions;
using Relay.Interop.Tests.Relays;
using Relay.Testing.Admin;
using Relay.Testing.Certificates;
using Relay.Testing.Network;
using Relay.Testing.Redis;

namespace Relay.Interop.Tests.Fleet.World;

/// <summary>Three nodes that let the fleet's users in, and their coordinators; all are processes, on loopback.</summary>
internal sealed partial class UsersWorld : IAsyncDisposable
{
    private const string NodeToken = "token-of-every-node-in-this-test-0123456789";
    private const string OperatorToken = "token-of-the-operator-in-this-test-012345678";

    private readonly ScratchFolder _folder = new();
    private readonly TestAuthority _authority = new();

    private UsersWorld()
    {
    }

    /// <summary>What silos keep; null where there is one coordinator, that has a folder.</summary>
    public RedisServer? Redis { get; private set; }

    public IReadOnlyList<Coordinator> Coordinators { get; private set; } = [];

    public IReadOnlyList<FleetNode> Nodes { get; private set; } = [];

    public FleetApi Api { get; private set; } = null!;

    /// <summary>Starts it all.</summary>
    /// <param name="silos">Whether there are three silos with a Redis, which forgets when it ends.</param>
    public static async Task<UsersWorld> StartAsync(bool silos) => await new UsersWorld().ReadyAfterAsync(async world =>
    {
        if (silos)
            world.Redis = await RedisServer.StartAsync(keepsData: false);
        await world.StartCoordinatorsAsync();
        await world.StartNodesAsync();
    });

    /// <summary>Waits until every node has the users that the fleet has now, also in its file.</summary>
    public async Task HandOverAsync()
    {
        var (store, version, _) = await Api.UserStoreAsync();
        await FleetApi.WaitUntilAsync(
            "every node has the users",
            async () => (await Api.NodesAsync()).Count(node => node.Users is { } users && users.Store == store && users.Version >= version)
                == Nodes.Count,
            Limits.Transfer);
        foreach (var node in Nodes)
        {
            await Eventually.HoldsAsync(
                () => File.Exists(FileOf(node)) && File.ReadAllText(FileOf(node)).Contains($"\nstore {store} {version}\n", StringComparison.Ordinal),
                $"{node.Id} has written them");
        }
    }

    /// <summary>What a node answers to who asks for a tunnel with a secret.</summary>
    public static async Task<int> AskAsync(FleetNode node, string secret)
    {
        await using var probe = OwnProgram.Start(
            "relay-load", "probe", "--relay", $"127.0.0.1:{node.Port}", "--insecure", "--json", "--http", "3", "--timeout", "60",
            "--header", Header(secret));
        Assert.True(await probe.WaitForExitAsync(Limits.Exchange) == 0, probe.Log.Describe());
        return int.Parse(Status().Match(string.Join('\n', probe.Log.Lines)).Groups[1].Value);
    }

    /// <summary>A tunnel through a node, by a version of HTTP.</summary>
    public static Task<HeldTunnel> OpenAsync(FleetNode node, string secret, string http) =>
        HeldTunnel.OpenAsync(node.Port, $"{node.Id} over HTTP/{http}", "--http", http, "--header", Header(secret));

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

    private string FileOf(FleetNode node) => _folder.File($"{node.Id}.users");

    private static string Header(string secret) => $"proxy-authorization: Bearer {secret}";

    private async Task StartCoordinatorsAsync()
    {
        var tokens = _folder.WriteTokens(("node-*", "node", NodeToken), ("ops", "operator", OperatorToken));
        Coordinators = Redis is { } redis
            ? [.. Enumerable.Range(0, 3).Select(_ => new Coordinator(tokens,
            [
                "--fleet", "silo", "--redis", $"{redis.Configuration},{RedisServer.Hasty}", "--cluster-id", "test", "--silo-address",
                $"127.0.0.1:{Ports.FreeTcp()}",
            ]))]
            : [new Coordinator(tokens, ["--fleet", "local", "--state", _folder.File("state")])];
        foreach (var coordinator in Coordinators)
            await coordinator.StartAsync();
        Api = new FleetApi(Coordinators, OperatorToken) { WaitsForADisk = Redis is null };
    }

    private async Task StartNodesAsync()
    {
        var token = _folder.Write("node-token", NodeToken);
        using var certificate = _authority.IssueServer(RelayProcess.Name, "localhost", "127.0.0.1");
        var files = CertificateFiles.Write(_folder, "relay", certificate);
        Nodes = [.. Enumerable.Range(1, 3).Select(index => new FleetNode($"node-{index}", files,
        [
            "--fleet-token-file", token, "--users-file", _folder.File($"node-{index}.users"),
            .. Coordinators.SelectMany(static one => new[] { "--fleet", one.Address.ToString().TrimEnd('/') }),
        ]))];
        foreach (var node in Nodes)
            await node.StartAsync();
    }

    [GeneratedRegex(@"""connect_udp_status"": (\d+)")]
    private static partial Regex Status();
}
