using k8s.Models;

namespace Relay.Deploy.Tests.Kubernetes;

/// <summary>What secrets.sh makes, and prints for a cluster; once for all tests.</summary>
internal sealed class Secrets
{
    private static readonly Lazy<Task<Secrets>> Only = new(static () => MakeAsync());

    private readonly IReadOnlyList<k8s.IKubernetesObject<V1ObjectMeta>> _objects;

    private Secrets(string folder, IReadOnlyList<k8s.IKubernetesObject<V1ObjectMeta>> objects) => (Folder, _objects) = (folder, objects);

    /// <summary>Where its files are.</summary>
    public string Folder { get; }

    public static Task<Secrets> OpenAsync() => Only.Value;

    /// <summary>The keys of a Secret or ConfigMap; null where it makes none of that name there.</summary>
    public IReadOnlyCollection<string>? KeysOf(string @namespace, string name) => _objects
        .SingleOrDefault(one => (one.Metadata.NamespaceProperty, one.Metadata.Name) == (@namespace, name)) switch
    {
        V1Secret secret => [.. secret.Data.Keys],
        V1ConfigMap map => [.. map.Data.Keys],
        // What clients see is of an authority that they know.
        null => (@namespace, name) == ("relayfleet-nodes", "relay-node-tls") ? ["tls.crt", "tls.key"] : null,
        var other => throw new InvalidOperationException($"{other.Kind} {name}"),
    };

    /// <summary>What is in a key of a Secret.</summary>
    public string Text(string name, string key) => System.Text.Encoding.UTF8.GetString(
        _objects.OfType<V1Secret>().Single(one => one.Metadata.Name == name).Data[key]);

    private static async Task<Secrets> MakeAsync()
    {
        InstalledProgram.Require("kubectl", "kubernetes-client");
        InstalledProgram.Require("openssl", "openssl");
        var tree = await DeployTree.OpenAsync();
        var folder = tree.File("made-secrets");
        var output = await Programs.OutputOfAsync(tree.File("k8s/secrets.sh"), folder);
        return new Secrets(folder, [.. Overlay.ReadAll(output).Cast<k8s.IKubernetesObject<V1ObjectMeta>>()]);
    }
}
