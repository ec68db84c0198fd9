using System.Collections.Concurrent;

namespace Relay.Deploy.Tests.Kubernetes;

/// <summary>
/// A copy of deploy/ in which generate.sh has run, and overlays can be put together with components: as whoever deploys has it.
/// </summary>
internal sealed class DeployTree : IDisposable
{
    private static readonly Lazy<Task<DeployTree>> Only = new(static () => new DeployTree().GenerateAsync());

    private readonly ScratchFolder _folder = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> _rendered = new(StringComparer.Ordinal);

    private DeployTree()
    {
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
        var root = Repository.PathOf("deploy");
        foreach (var file in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories))
        {
            var path = Path.GetRelativePath(root, file);
            // Secrets of whoever tried the containers on this machine are none of this.
            if (path.StartsWith("docker/secrets", StringComparison.Ordinal))
                continue;
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(path))!);
            System.IO.File.Copy(file, _folder.File(path));
        }
    }

    public static Task<DeployTree> OpenAsync() => Only.Value;

    public void Dispose() => _folder.Dispose();

    /// <summary>A file or folder below deploy/.</summary>
    public string File(string path) => _folder.File(path);

    /// <summary>What is made of an overlay and components, as in <c>fleet+monitoring+alerts</c>; once for all tests.</summary>
    public Task<string> RenderAsync(string name) =>
        _rendered.GetOrAdd(name, _ => new Lazy<Task<string>>(() => Kustomize.RenderAsync(Folder(name)))).Value;

    private string Folder(string name)
    {
        var parts = name.Split('+');
        if (parts.Length == 1)
            return _folder.File($"k8s/overlays/{name}");
        var folder = _folder.Folder($"k8s/overlays/{name}");
        _folder.Write($"k8s/overlays/{name}/kustomization.yaml", $"""
            apiVersion: kustomize.config.k8s.io/v1beta1
            kind: Kustomization
            resources: [../{parts[0]}]
            components: [{string.Join(", ", parts.Skip(1).Select(static one => $"../../components/{one}"))}]
            """);
        return folder;
    }

    private async Task<DeployTree> GenerateAsync()
    {
        await Programs.OutputOfAsync(_folder.File("k8s/generate.sh"));
        return this;
    }
}
