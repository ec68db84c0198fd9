using System.Net.Http.Headers;
using Relay.Testing.Admin;
using Relay.Testing.Certificates;
using Relay.Testing.Network;
using Relay.Testing.Redis;

namespace Relay.Deploy.Tests.Packages;

/// <summary>
/// The package's programs as a fleet on loopback: two coordinators with a Redis, whose silos speak by TLS and which answer over HTTPS, and
/// two nodes that let the fleet's users in.
/// </summary>
internal sealed class PackagedFleet : IAsyncDisposable
{
    private const string NodeToken = "token-of-every-node-in-this-test-0123456789";
    private const string OperatorToken = "token-of-the-operator-in-this-test-012345678";

    private readonly TestAuthority _authority = new();
    private readonly Dictionary<string, ChildProcess> _running = [];
    private readonly string _programs;
    private readonly RedisServer _redis;
    private readonly Dictionary<string, string[]> _options = [];

    private PackagedFleet(string programs, RedisServer redis) => (_programs, _redis) = (programs, redis);

    /// <summary>What its processes read and write.</summary>
    public ScratchFolder Folder { get; } = new();

    /// <summary>Where both coordinators answer.</summary>
    public Uri[] Coordinators { get; } = [At("https"), At("https")];

    /// <summary>Where both nodes are.</summary>
    public int[] Nodes { get; } = [Ports.FreeUdp(), Ports.FreeUdp()];

    /// <summary>Where coordinators and nodes have their metrics, by name.</summary>
    public Dictionary<string, Uri> Metrics { get; } = [];

    /// <summary>The authority's certificate.</summary>
    public string Authority => Folder.File("ca.pem");

    public static async Task<PackagedFleet> StartAsync(string programs)
    {
        var fleet = new PackagedFleet(programs, await RedisServer.StartAsync());
        try
        {
            fleet.Prepare();
            foreach (var name in (string[])["admin-1", "admin-2", "node-1", "node-2"])
                await fleet.StartProgramAsync(name);
            return fleet;
        }
        catch
        {
            await fleet.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one of the four, and waits until it listens.</summary>
    public async Task StartProgramAsync(string name)
    {
        var program = name.StartsWith("admin", StringComparison.Ordinal) ? "relay-admin" : "relay-node";
        _running[name] = ChildProcess.Start(Path.Combine(_programs, program), _options[name], name: name);
        await _running[name].Log.WaitForAsync(@"\blistening on ", Eventually.Limit);
    }

    /// <summary>Ends one of the four in order.</summary>
    public async Task StopAsync(string name)
    {
        _running.Remove(name, out var process);
        await using (process)
        {
            var status = await process!.TerminateAsync(Eventually.Limit);
            Assert.True(status == 0, $"{name} ended with {status}. {process.Log.Describe()}");
        }
    }

    /// <summary>A client of a coordinator, with the operator's token.</summary>
    public HttpClient Client(int coordinator)
    {
        var client = new HttpClient(TestAuthority.NotAsked()) { BaseAddress = Coordinators[coordinator], Timeout = TimeSpan.FromMinutes(2) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", OperatorToken);
        return client;
    }

    /// <summary>Runs relayctl against a coordinator.</summary>
    public Task<(int Status, string Output)> CtlAsync(int coordinator, params string[] arguments) => Programs.RunAsync(
        Path.Combine(_programs, "relayctl"),
        [.. arguments, "--server", Coordinators[coordinator].ToString(), "--ca", Authority, "--token-file", Folder.File("operator")]);

    /// <summary>Runs relay-load against a node.</summary>
    public Task<(int Status, string Output)> LoadAsync(int node, string mode, string secret, params string[] arguments) => Programs.RunAsync(
        Path.Combine(_programs, "relay-load"),
        [mode, "--relay", $"127.0.0.1:{Nodes[node]}", "--ca", Authority, "-H", $"proxy-authorization: Bearer {secret}", .. arguments]);

    /// <summary>What all of them wrote, for a failure's message.</summary>
    public string Describe() => string.Join('\n', _running.Values.Select(static one => one.Log.Describe()));

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _running.Values)
            await process.DisposeAsync();
        await _redis.DisposeAsync();
        _authority.Dispose();
        Folder.Dispose();
    }

    private void Prepare()
    {
        Folder.Write("ca.pem", _authority.Pem);
        Folder.Write("operator", OperatorToken);
        Folder.Write("node", NodeToken);
        var tokens = Folder.WriteTokens(("node-*", "node", NodeToken), ("ops", "operator", OperatorToken));
        using var server = _authority.IssueServer("localhost", "127.0.0.1");
        using var silo = _authority.IssueSilo("silo.relayfleet");
        var (https, silos) = (CertificateFiles.Write(Folder, "server", server), CertificateFiles.Write(Folder, "silo", silo));
        for (var i = 0; i < 2; i++)
        {
            var (admin, node) = ($"admin-{i + 1}", $"node-{i + 1}");
            (Metrics[admin], Metrics[node]) = (At("http"), At("http"));
            _options[admin] =
            [
                "--fleet", "silo", "--redis", $"{_redis.Configuration},{RedisServer.Hasty}", "--cluster-id", "test",
                "--silo-address", At("http").Authority, "--silo-tls-cert-path", silos.Certificate, "--silo-tls-private-key-path", silos.Key,
                "--silo-tls-ca-path", Authority, "--admin-address", Coordinators[i].Authority, "--admin-token-file", tokens,
                "--tls-cert-path", https.Certificate, "--tls-private-key-path", https.Key, "--metrics-address", Metrics[admin].Authority,
                "--public-relay", "relay.example.com", "--enrol-address", At("http").Authority, "--lame-time-secs", "0",
                "--lease-time-secs", "30",
            ];
            _options[node] =
            [
                "-a", $"127.0.0.1:{Nodes[i]}", "--tls-cert-path", https.Certificate, "--tls-private-key-path", https.Key, "--node-id", node,
                .. Coordinators.SelectMany(static one => new[] { "--fleet", one.ToString().TrimEnd('/') }), "--fleet-ca", Authority,
                "--fleet-token-file", Folder.File("node"), "--users-file", Folder.File($"{node}.users"), "--prefix-pool", "edge",
                "--allow-target", "127.0.0.0/8", "--metrics-address", Metrics[node].Authority, "--graceful-shutdown-timeout-secs", "5",
            ];
        }
    }

    private static Uri At(string scheme) => new($"{scheme}://127.0.0.1:{Ports.FreeTcp()}");
}
