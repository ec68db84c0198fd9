using System.Text.Json.Nodes;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Deployment;

/// <summary>
/// What Kubernetes gives a node's container in an overlay, with the places that this machine does not have put elsewhere.
/// </summary>
internal sealed class NodeManifest
{
    /// <summary>The name of the coordinators' Service.</summary>
    public const string CoordinatorName = "relay-admin.relayfleet.svc";

    private const string Coordinators = $"https://{CoordinatorName}:8480";

    private readonly RenderedOverlay _overlay;
    private readonly KubeletContainer _container;
    private readonly string _root;
    private readonly string? _coordinator;

    private NodeManifest(RenderedOverlay overlay, string root, IPAddress host, Uri? coordinator)
    {
        (_overlay, _root, Host, _coordinator) = (overlay, root, host, coordinator?.ToString().TrimEnd('/'));
        _container = new KubeletContainer(overlay.Container("relay-node"), new Dictionary<string, string>
        {
            ["spec.nodeName"] = NodeId,
            ["status.hostIP"] = host.ToString(),
        });
    }

    /// <summary>The machine's name, which is the node's.</summary>
    public static string NodeId => "node-1";

    /// <summary>The machine's address.</summary>
    public IPAddress Host { get; }

    /// <summary>Where metrics and health are: at the machine itself.</summary>
    public Uri Metrics => new($"http://127.0.0.1:{MetricsPort}");

    /// <summary>The port for clients.</summary>
    public int Port { get; } = Ports.FreeUdp();

    private int MetricsPort { get; } = Ports.FreeTcp();

    /// <summary>Renders an overlay.</summary>
    /// <param name="overlay">Its name.</param>
    /// <param name="root">The folder that stands for the container's root.</param>
    /// <param name="host">The machine's address, of loopback.</param>
    /// <param name="coordinator">Where the coordinator answers; null for none.</param>
    public static async Task<NodeManifest> RenderAsync(string overlay, string root, IPAddress host, Uri? coordinator) =>
        new(await RenderedOverlay.BuildAsync(overlay), root, host, coordinator);

    /// <summary>The container's environment: that of relay-node, and of the hook.</summary>
    public Dictionary<string, string> Environment() =>
        _container.Environment().ToDictionary(static one => one.Key, one => Here(one.Value));

    /// <summary>The arguments of relay-node.</summary>
    public IEnumerable<string> Arguments() => _container.Arguments().Select(Here);

    /// <summary>The hook's command.</summary>
    public string[] PreStop() => [.. _container.PreStop().Select(Here)];

    /// <summary>The file of options in the ConfigMap, on a port of this machine and for targets on it.</summary>
    public string Config()
    {
        var config = JsonNode.Parse(Here(_overlay.File("relay-node.json")))!.AsObject();
        config["address"] = new JsonArray(new IPEndPoint(Host, Port).ToString());
        config["allow-target"] = "127.0.0.0/8";
        config["log-format"] = "text";
        return config.ToJsonString();
    }

    private string Here(string text)
    {
        foreach (var folder in (string[])["/etc/", "/opt/"])
            text = text.Replace(folder, _root + folder, StringComparison.Ordinal);
        return text.Replace(Coordinators, _coordinator, StringComparison.Ordinal)
            .Replace(":9464", $":{MetricsPort}", StringComparison.Ordinal);
    }
}
