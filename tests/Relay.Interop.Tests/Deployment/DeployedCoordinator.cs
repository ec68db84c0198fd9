using System.Net.Http.Headers;
using System.Net.Http.Json;
using Relay.Testing.Admin;
using Relay.Testing.Certificates;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Deployment;

/// <summary>A coordinator with what the overlay <c>fleet</c> gives its container, and the Redis that it gives the cluster.</summary>
internal sealed class DeployedCoordinator : IAsyncDisposable
{
    private const string OperatorToken = "token-of-the-operator-in-this-test-012345678";

    private readonly ScratchFolder _root = new();
    private readonly TestAuthority _authority = new();
    private readonly HttpClient _client = new(TestAuthority.NotAsked());

    private readonly string _adminPort = Ports.FreeTcp().ToString();
    private readonly string _siloPort = Ports.FreeTcp().ToString();
    private RedisPods? _redis;
    private ChildProcess? _process;

    public OutputLog Log => _process!.Log;

    /// <summary>What it stores in.</summary>
    public RedisPods Redis => _redis!;

    /// <summary>Starts both, and waits until it listens.</summary>
    /// <param name="pod">The pod's address, of loopback.</param>
    public static Task<DeployedCoordinator> StartAsync(string pod) =>
        new DeployedCoordinator().ReadyAfterAsync(coordinator => coordinator.RunAsync(pod));

    /// <summary>What the kubelet asks at the pod's address: whether the coordinator is ready.</summary>
    public async Task<bool> IsReadyAsync(string pod)
    {
        var host = new IPEndPoint(IPAddress.Parse(pod), int.Parse(_adminPort));
        using var answer = await _client.GetAsync(
            new Uri($"https://{host}/readyz"), TestContext.Current.CancellationToken);
        return answer.IsSuccessStatusCode;
    }

    /// <summary>Defines a pool, which is promised only once it is where a failover does not lose it; tries until it is.</summary>
    public Task PutPoolAsync(string pod, string name, string prefix) => Eventually.DoneAsync($"pool {name}\n{Log.Describe()}", async () =>
    {
        using var request = Request(HttpMethod.Put, pod, $"/v1/prefix-pools/{name}");
        request.Content = JsonContent.Create(new { prefix, blockLength = 64 });
        using var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        if (!answer.IsSuccessStatusCode)
            throw new IOException(await answer.Content.ReadAsStringAsync());
    });

    /// <summary>All pools.</summary>
    public Task<string> PoolsAsync(string pod) => GetAsync(pod, "/v1/prefix-pools");

    /// <summary>What the API answers.</summary>
    public async Task<string> GetAsync(string pod, string path)
    {
        using var request = Request(HttpMethod.Get, pod, path);
        using var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        return await answer.Content.ReadAsStringAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
        _client.Dispose();
        _authority.Dispose();
        _root.Dispose();
    }

    private async Task RunAsync(string pod)
    {
        var overlay = await RenderedOverlay.BuildAsync("fleet");
        _redis = await RedisPods.StartAsync(overlay, _authority);
        var container = new KubeletContainer(overlay.Container("relay-admin"), new Dictionary<string, string>
        {
            ["status.podIP"] = pod,
            ["relay-redis/configuration"] = RedisPods.Configuration,
        });
        foreach (var folder in (string[])["tokens", "tls", "silo", "redis", "redis-password"])
            _root.Folder($"etc/relay-admin/{folder}");
        using (var certificate = _authority.IssueServer("relay-admin.relayfleet.svc"))
        {
            var files = CertificateFiles.Write(_root, "etc/relay-admin/tls/tls", certificate);
            File.Move(files.Certificate, _root.File("etc/relay-admin/tls/tls.crt"));
        }
        using (var certificate = _authority.IssueSilo("silo.relayfleet.svc"))
        {
            var files = CertificateFiles.Write(_root, "etc/relay-admin/silo/tls", certificate);
            File.Move(files.Certificate, _root.File("etc/relay-admin/silo/tls.crt"));
        }
        _root.Write("etc/relay-admin/silo/ca.crt", _authority.Pem);
        _root.Write("etc/relay-admin/redis/ca.crt", _authority.Pem);
        File.Copy(_redis.PasswordFile, _root.File("etc/relay-admin/redis-password/password"));
        _root.Write(
            "etc/relay-admin/tokens/tokens",
            TokenFiles.Line("*", "node", "token-of-a-node-01234567890123") + TokenFiles.Line("otto", "operator", OperatorToken));
        var environment = container.Environment().ToDictionary(static one => one.Key, one => Here(one.Value));
        // As the kubelet has it in every pod; here no token of the file has to be reviewed.
        (environment["KUBERNETES_SERVICE_HOST"], environment["KUBERNETES_SERVICE_PORT"]) = (IPAddress.Loopback.ToString(), "9");
        _process = ChildProcess.Start(
            PrivateHosts.Wrap(_root, _redis.Names, OwnProgram.Command("relay-admin", container.Arguments().Select(Here))), environment,
            "relay-admin");
        await Log.WaitForAsync("[Ll]istening on", Limits.Start);
    }

    private HttpRequestMessage Request(HttpMethod method, string pod, string path)
    {
        var host = new IPEndPoint(IPAddress.Parse(pod), int.Parse(_adminPort));
        var request = new HttpRequestMessage(method, new Uri($"https://{host}{path}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", OperatorToken);
        return request;
    }

    private string Here(string text) => text.Replace("/etc/", _root.Path + "/etc/", StringComparison.Ordinal)
        .Replace(":8480", $":{_adminPort}", StringComparison.Ordinal)
        .Replace(":11111", $":{_siloPort}", StringComparison.Ordinal);
}
