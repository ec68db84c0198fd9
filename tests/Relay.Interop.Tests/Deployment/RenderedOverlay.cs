using YamlDotNet.RepresentationModel;

namespace Relay.Interop.Tests.Deployment;

/// <summary>What <c>kubectl kustomize</c> makes of an overlay: what a cluster is given, in the order in which it is.</summary>
internal sealed class RenderedOverlay
{
    private readonly IReadOnlyList<YamlNode> _objects;

    private RenderedOverlay(IReadOnlyList<YamlNode> objects) => _objects = objects;

    /// <summary>Renders it, or skips the test where there is no kubectl that can.</summary>
    public static async Task<RenderedOverlay> BuildAsync(string name)
    {
        var text = await Kustomize.RenderAsync(Repository.PathOf($"deploy/k8s/overlays/{name}"));
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return new RenderedOverlay([.. stream.Documents.Select(static document => document.RootNode)]);
    }

    /// <summary>The container of a workload that has its name, or another.</summary>
    public YamlNode Container(string workload, string? name = null) => Items(_objects
        .Single(one => Text(one["kind"]) is "DaemonSet" or "Deployment" or "StatefulSet" && Text(one["metadata"]["name"]) == workload)
        ["spec"]["template"]["spec"]["containers"]).Single(one => Text(one["name"]) == (name ?? workload));

    /// <summary>A file of a ConfigMap.</summary>
    public string File(string name) => Text(_objects.Where(static one => Text(one["kind"]) == "ConfigMap")
        .Select(static one => (YamlMappingNode)one["data"]).Single(one => one.Children.ContainsKey(name))[name]);

    public static IEnumerable<YamlNode> Items(YamlNode list) => ((YamlSequenceNode)list).Children;

    public static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;
}
