using k8s;
using k8s.Models;
using YamlDotNet.RepresentationModel;

namespace Relay.Deploy.Tests.Kubernetes;

/// <summary>What <c>kubectl kustomize</c> makes of an overlay, each object read strictly by its type.</summary>
internal sealed class Overlay
{
    private Overlay(string name, IReadOnlyList<IKubernetesObject> objects, IReadOnlyList<YamlMappingNode> others)
    {
        Name = name;
        Objects = objects;
        Others = others;
    }

    public string Name { get; }

    /// <summary>Objects of Kubernetes' own kinds.</summary>
    public IReadOnlyList<IKubernetesObject> Objects { get; }

    /// <summary>Objects of kinds that something else defines.</summary>
    public IReadOnlyList<YamlMappingNode> Others { get; }

    public IEnumerable<T> All<T>() => Objects.OfType<T>();

    /// <summary>Every workload, with the pods that it makes.</summary>
    public IEnumerable<Workload> Workloads
    {
        get
        {
            foreach (var one in All<V1DaemonSet>())
                yield return new Workload(one.Metadata, one.Spec.Selector, one.Spec.Template);
            foreach (var one in All<V1Deployment>())
                yield return new Workload(one.Metadata, one.Spec.Selector, one.Spec.Template);
            foreach (var one in All<V1StatefulSet>())
                yield return new Workload(one.Metadata, one.Spec.Selector, one.Spec.Template);
        }
    }

    /// <summary>The one workload of a name.</summary>
    public Workload Workload(string name) => Assert.Single(Workloads, one => one.Name == name);

    /// <summary>The options of relays.</summary>
    public string NodeConfig => Assert.Single(All<V1ConfigMap>(), static one => one.Data.ContainsKey("relay-node.json")).Data["relay-node.json"];

    /// <param name="name">An overlay, and components with a + before each.</param>
    public static async Task<Overlay> BuildAsync(string name)
    {
        var text = await (await DeployTree.OpenAsync()).RenderAsync(name);
        var objects = new List<IKubernetesObject>();
        var others = new List<YamlMappingNode>();
        foreach (var document in text.Split("\n---\n"))
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(document));
            var root = (YamlMappingNode)stream.Documents[0].RootNode;
            if (TypeOf(Text(root, "apiVersion"), Text(root, "kind")) is { } type)
                objects.Add(Read(type, document));
            else
                others.Add(root);
        }
        return new Overlay(name, objects, others);
    }

    public static string Text(YamlNode node, params string[] path)
    {
        foreach (var part in path)
            node = node[part];
        return ((YamlScalarNode)node).Value!;
    }

    private static Type? TypeOf(string version, string kind) => (version, kind) switch
    {
        ("v1", "Namespace") => typeof(V1Namespace),
        ("v1", "ConfigMap") => typeof(V1ConfigMap),
        ("v1", "Service") => typeof(V1Service),
        ("v1", "Secret") => typeof(V1Secret),
        ("v1", "ServiceAccount") => typeof(V1ServiceAccount),
        ("apps/v1", "DaemonSet") => typeof(V1DaemonSet),
        ("apps/v1", "Deployment") => typeof(V1Deployment),
        ("apps/v1", "StatefulSet") => typeof(V1StatefulSet),
        ("policy/v1", "PodDisruptionBudget") => typeof(V1PodDisruptionBudget),
        ("networking.k8s.io/v1", "NetworkPolicy") => typeof(V1NetworkPolicy),
        ("networking.k8s.io/v1", "Ingress") => typeof(V1Ingress),
        ("scheduling.k8s.io/v1", "PriorityClass") => typeof(V1PriorityClass),
        ("rbac.authorization.k8s.io/v1", "ClusterRole") => typeof(V1ClusterRole),
        ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding") => typeof(V1ClusterRoleBinding),
        ("monitoring.coreos.com/v1" or "cert-manager.io/v1", _) => null,
        _ => throw new InvalidOperationException($"nothing is known of {version} {kind}"),
    };

    /// <summary>Reads objects of Kubernetes' own kinds, one after the other.</summary>
    public static IEnumerable<IKubernetesObject> ReadAll(string text) => $"{text}\n".Split("\n---\n")
        .Where(static one => one.Trim().Length > 0)
        .Select(static document =>
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(document));
            var root = stream.Documents[0].RootNode;
            return Read(TypeOf(Text(root, "apiVersion"), Text(root, "kind"))!, document);
        });

    /// <summary>
    /// A field that the type does not have is an error: a schema, in effect, of the client library's release.
    /// </summary>
    private static IKubernetesObject Read(Type type, string document) =>
        (IKubernetesObject)typeof(KubernetesYaml).GetMethods()
            .Single(static one => one.Name == nameof(KubernetesYaml.Deserialize) && one.IsGenericMethod
                && one.GetParameters()[0].ParameterType == typeof(string))
            .MakeGenericMethod(type).Invoke(null, [document, true])!;
}

/// <summary>A workload.</summary>
internal sealed record Workload(V1ObjectMeta Metadata, V1LabelSelector Selector, V1PodTemplateSpec Template)
{
    public string Name => Metadata.Name;

    public string Namespace => Metadata.NamespaceProperty;

    public V1PodSpec Pod => Template.Spec;

    public IDictionary<string, string> Labels => Template.Metadata.Labels;

    public override string ToString() => Name;
}
