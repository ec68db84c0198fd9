using System.Text.Json.Nodes;
using Relay.Deploy.Tests;
using YamlDotNet.RepresentationModel;

namespace Relay.Interop.Tests.Deployment;

/// <summary>
/// What Kubernetes gives a node's container in the overlay <c>fleet</c>, with the places that this machine does not have
/// put elsewhere.
/// </summary>
/// <param name="root">The folder that stands for the container's root.</param>
/// <param name="coordinator">Where the coordinator answers.</param>
/// <param name="metricsPort">The port that stands for that of the metrics.</param>
internal sealed class NodeManifest(string root, Uri coordinator, int metricsPort)
{
    private const string Overlay = "deploy/k8s/overlays/fleet";
    private const string Coordinators = "https://relay-admin.relayfleet.svc:8480";

    private static readonly Dictionary<string, string> Fields = new()
    {
        ["spec.nodeName"] = "node-1",
        ["status.hostIP"] = "127.0.0.1",
    };

    private readonly YamlNode _base = Container("deploy/k8s/base/node-daemonset.yaml");
    private readonly YamlNode _patch = Container($"{Overlay}/node-in-a-fleet.yaml");

    /// <summary>The machine's name, which is the node's.</summary>
    public static string NodeId => Fields["spec.nodeName"];

    /// <summary>The container's environment: that of relay-node, and of the hook.</summary>
    public Dictionary<string, string> Environment()
    {
        var all = new Dictionary<string, string>();
        foreach (var one in Items(_base["env"]).Concat(Items(_patch["env"])))
        {
            var field = ((YamlMappingNode)one).Children.ContainsKey("valueFrom") ? Text(one["valueFrom"]["fieldRef"]["fieldPath"]) : null;
            var value = field is null ? Text(one["value"]) : Fields[field];
            foreach (var (name, earlier) in all)
                value = value.Replace($"$({name})", earlier, StringComparison.Ordinal);
            all[Text(one["name"])] = Here(value);
        }
        return all;
    }

    /// <summary>The arguments of relay-node.</summary>
    public IEnumerable<string> Arguments() => Items(_base["args"]).Select(one => Here(Text(one)));

    /// <summary>The hook's command.</summary>
    public string[] PreStop() => [.. Items(_patch["lifecycle"]["preStop"]["exec"]["command"]).Select(one => Here(Text(one)))];

    /// <summary>The file of options in the ConfigMap, on a port of this machine and for targets on it.</summary>
    public string Config(int port)
    {
        var config = JsonNode.Parse(Here(Repository.Read($"{Overlay}/relay-node.json")))!.AsObject();
        config["address"] = new JsonArray($"127.0.0.1:{port}");
        config["allow-target"] = "127.0.0.0/8";
        config["log-format"] = "text";
        return config.ToJsonString();
    }

    private static YamlNode Container(string file)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(Repository.Read(file)));
        return Items(stream.Documents[0].RootNode["spec"]["template"]["spec"]["containers"])
            .Single(static one => Text(one["name"]) == "relay-node");
    }

    private static IEnumerable<YamlNode> Items(YamlNode list) => ((YamlSequenceNode)list).Children;

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    private string Here(string text)
    {
        foreach (var folder in (string[])["/etc/", "/opt/"])
            text = text.Replace(folder, root + folder, StringComparison.Ordinal);
        return text.Replace(Coordinators, coordinator.ToString().TrimEnd('/'), StringComparison.Ordinal)
            .Replace(":9464", $":{metricsPort}", StringComparison.Ordinal);
    }
}
