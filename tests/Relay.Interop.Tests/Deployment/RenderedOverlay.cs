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

    /// <summary>The only container of a workload.</summary>
    public YamlNode Container(string workload) => Assert.Single(Items(_objects
        .Single(one => Text(one["kind"]) is "DaemonSet" or "Deployment" && Text(one["metadata"]["name"]) == workload)
        ["spec"]["template"]["spec"]["containers"]));

    /// <summary>A file of the only ConfigMap.</summary>
    public string File(string name) => Text(_objects.Single(static one => Text(one["kind"]) == "ConfigMap")["data"][name]);

    public static IEnumerable<YamlNode> Items(YamlNode list) => ((YamlSequenceNode)list).Children;

    public static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;
}
