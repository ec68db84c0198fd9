using System.Net.Http.Headers;
using System.Net.Sockets;
using Relay.Fleet.Contract;
using Relay.Interop.Tests.Fleet.World;
using Relay.Testing.Admin;
using Relay.Testing.Certificates;
using Relay.Testing.Network;
using Relay.Testing.Nodes;

namespace Relay.Interop.Tests.Deployment;

/// <summary>
/// A coordinator, and a node that reports to it as its manifest has it: over TLS, with a token of its own. Their files are
/// in a folder that stands for the container's root.
/// </summary>
internal sealed class DeployedNode : IAsyncDisposable
{
    /// <summary>Of a node that this one is not.</summary>
    public const string OtherToken = "token-of-another-node-in-this-test-0123456789";

    /// <summary>The name of that node.</summary>
    public const string Other = "other";

    private const string NodeToken = "token-of-this-node-in-this-test-0123456789012";
    private const string OperatorToken = "token-of-the-operator-in-this-test-012345678";

    private readonly ScratchFolder _root = new();
    private readonly TestAuthority _authority = new();
    private readonly HttpClient _client = new();
    private readonly List<TcpListener> _hanging = [];
    private NodeManifest _manifest = null!;
    private ChildProcess? _process;

    public Coordinator Coordinator { get; private set; } = null!;

    public FleetApi Api { get; private set; } = null!;

    /// <summary>The port for clients.</summary>
    public int Port => _manifest.Port;

    public OutputLog Log => _process!.Log;

    /// <summary>Starts both, and waits until the node serves in the fleet.</summary>
    /// <param name="overlay">The overlay with the node's manifest.</param>
    /// <param name="host">The machine's address, of loopback.</param>
    /// <param name="hanging">
    /// Addresses that the coordinators' name has besides the coordinator's, where nothing is ever answered; none for a URL
    /// with the coordinator's address.
    /// </param>
    public static async Task<DeployedNode> StartAsync(
        string overlay = "fleet", string host = "127.0.0.1", params IPAddress[] hanging)
    {
        return await new DeployedNode().ReadyAfterAsync(async node =>
        {
            await node.StartCoordinatorAsync();
            var coordinator = node.Coordinator.Address;
            node._hanging.AddRange(hanging.Select(address => new TcpListener(address, coordinator.Port)));
            node._hanging.ForEach(static one => one.Start());
            if (hanging.Length > 0)
                coordinator = new UriBuilder(coordinator) { Host = NodeManifest.CoordinatorName }.Uri;
            node._manifest = await NodeManifest.RenderAsync(
                overlay, node._root.Path, IPAddress.Parse(host), coordinator);
            await node.StartNodeAsync();
            await FleetApi.WaitUntilAsync(
                "the node serves",
                async () => await node.Api.NodeAsync(NodeManifest.NodeId) is { State: NodeState.Serving },
                Limits.Exchange);
        });
    }

    /// <summary>Starts a node that is in no fleet.</summary>
    /// <param name="overlay">The overlay with its manifest.</param>
    /// <param name="host">The machine's address, of loopback.</param>
    public static Task<DeployedNode> StartAloneAsync(string overlay, string host) =>
        new DeployedNode().ReadyAfterAsync(async node =>
        {
            node._manifest = await NodeManifest.RenderAsync(
                overlay, node._root.Path, IPAddress.Parse(host), coordinator: null);
            await node.StartNodeAsync();
        });

    /// <summary>
    /// Waits until the node is ready, as the kubelet asks before it sends clients. The coordinator knows it as serving a moment
    /// before the node has the answer that says whose its name is.
    /// </summary>
    public Task WaitUntilReadyAsync() => FleetApi.WaitUntilAsync(
        "the node is ready",
        async () =>
        {
            using var answer = await _client.GetAsync(
                new Uri(_manifest.Metrics, "/readyz"), TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode;
        },
        Limits.Exchange);

    /// <summary>
    /// Starts the hook of the manifest as the first process of a namespace, as it sees the container's: it writes to the log
    /// of process 1.
    /// </summary>
    /// <param name="token">Another token than the node's; null for that.</param>
    public ChildProcess StartPreStop(string? token = null)
    {
        var unshare = InstalledProgram.Require("unshare", "util-linux");
        var environment = _manifest.Environment();
        if (token is not null)
            environment["RELAY_FLEET_TOKEN_FILE"] = _root.Write("other-token", token);
        string[] user = Environment.IsPrivilegedProcess ? [] : ["--user", "--map-root-user"];
        return ChildProcess.Start(
            unshare, [.. user, "--pid", "--fork", "--mount-proc", "--kill-child", "--", .. _manifest.PreStop()], environment,
            "prestop.sh");
    }

    /// <summary>The other node reports, once: the fleet knows it.</summary>
    public async Task ReportAsOtherAsync()
    {
        using var client = new HttpClient(TestAuthority.NotAsked()) { BaseAddress = Coordinator.Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", OtherToken);
        await new SimulatedNode(Other, new HttpReports(client)).ReportAsync();
    }

    /// <summary>Waits until the node says that it is in a state: 0 serving, 1 lame, 2 draining, 3 drained.</summary>
    public Task WaitForDrainStateAsync(int state) => FleetApi.WaitUntilAsync(
        $"relay_drain_state is {state}",
        async () => (await _client.GetStringAsync(new Uri(_manifest.Metrics, "/metrics"), TestContext.Current.CancellationToken))
            .Split('\n').Any(line => line.StartsWith("relay_drain_state", StringComparison.Ordinal) && line.EndsWith($" {state}", StringComparison.Ordinal)),
        Limits.Exchange);

    /// <summary>What the kubelet does once the hook has ended.</summary>
    public void Terminate() => _process!.Signal(15);

    /// <summary>Waits for the node's end, which must be in order.</summary>
    public async Task WaitForEndAsync()
    {
        var status = await _process!.WaitForExitAsync(Limits.Stop);
        Assert.True(status == 0, $"relay-node ended with {status}. {Log.Describe()}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        Api?.Dispose();
        if (Coordinator is not null)
            await Coordinator.DisposeAsync();
        _hanging.ForEach(static one => one.Dispose());
        _client.Dispose();
        _authority.Dispose();
        _root.Dispose();
    }

    private async Task StartCoordinatorAsync()
    {
        using var certificate = _authority.IssueServer("localhost", "127.0.0.1", NodeManifest.CoordinatorName);
        var files = CertificateFiles.Write(_root, "admin", certificate);
        var tokens = _root.WriteTokens(
            (NodeManifest.NodeId, "node", NodeToken), (Other, "node", OtherToken), ("ops", "operator", OperatorToken));
        Coordinator = new Coordinator(
            tokens,
            [
                "--fleet", "local", "--lame-time-secs", "1",
                "--tls-cert-path", files.Certificate, "--tls-private-key-path", files.Key,
            ],
            "https");
        await Coordinator.StartAsync();
        Api = new FleetApi([Coordinator], OperatorToken, TestAuthority.NotAsked());
    }

    private async Task StartNodeAsync()
    {
        foreach (var folder in (string[])["relay-node", "relay-tls", "relay-fleet/ca", "relay-fleet/token"])
            _root.Folder($"etc/{folder}");
        using (var certificate = _authority.IssueServer("localhost", "127.0.0.1"))
        {
            var files = CertificateFiles.Write(_root, "etc/relay-tls/tls", certificate);
            File.Move(files.Certificate, _root.File("etc/relay-tls/tls.crt"));
        }
        _root.Write("etc/relay-fleet/ca/ca.crt", _authority.Pem);
        _root.Write("etc/relay-fleet/token/token", NodeToken);
        _root.Write("etc/relay-node/relay-node.json", _manifest.Config());
        _root.Folder("opt/relayfleet");
        // The image has them published for its runtime.
        File.Copy(Repository.PathOf("deploy/docker/prestop.sh"), _root.File("opt/relayfleet/prestop.sh"));
        OwnProgram.Install("relayctl", _root, "opt/relayfleet/relayctl");

        var command = OwnProgram.Command("relay-node", _manifest.Arguments());
        if (_hanging.Count > 0)
        {
            var addresses = _hanging.Select(static one => ((IPEndPoint)one.LocalEndpoint).Address.ToString());
            command = PrivateHosts.Wrap(_root, NodeManifest.CoordinatorName, [.. addresses, "127.0.0.1"], command);
        }
        _process = ChildProcess.Start(command, _manifest.Environment(), "relay-node");
        await Log.WaitForAsync(@"\blistening on \S+:\d+", Limits.Start);
    }
}
