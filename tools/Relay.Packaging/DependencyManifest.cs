using System.Text.Json;
using System.Text.Json.Nodes;

namespace Relay.Packaging;

/// <summary>
/// The list of a program's assemblies, NAME.deps.json: the host loads what it names and nothing else, and Orleans finds its parts by it.
/// </summary>
internal static class DependencyManifest
{
    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true };

    /// <summary>Of that of a build, which leaves the runtime to the machine, that of a folder which has the runtime.</summary>
    /// <param name="text">The build's.</param>
    /// <param name="files">The names of the files that are in the folder.</param>
    /// <param name="version">The runtime's.</param>
    /// <param name="runtime">Its identifier, such as linux-x64.</param>
    public static string WithRuntime(string text, IReadOnlyCollection<string> files, string version, string runtime)
    {
        var root = JsonNode.Parse(text)!.AsObject();
        var targets = root["targets"]!.AsObject();
        var (name, target) = (targets.Single().Key, targets.Single().Value!.AsObject());
        var claimed = new HashSet<string>();
        foreach (var library in target.Select(static one => one.Value!.AsObject()))
        {
            foreach (var kind in (string[])["runtimeTargets", "native", "resources"])
                library.Remove(kind);
            if (library["runtime"] is not JsonObject assets)
                continue;
            foreach (var path in assets.Select(static asset => asset.Key).ToList())
            {
                var file = path[(path.LastIndexOf('/') + 1)..];
                if (!files.Contains(file) || !claimed.Add(file))
                    assets.Remove(path);
            }
        }
        var pack = $"runtimepack.Microsoft.NETCore.App.Runtime.{runtime}/{version}";
        target[pack] = new JsonObject
        {
            ["runtime"] = Assets(files.Where(file => file.EndsWith(".dll", StringComparison.Ordinal) && !claimed.Contains(file))),
            ["native"] = Assets(files.Where(static file => file.EndsWith(".so", StringComparison.Ordinal))),
        };
        root["libraries"]![pack] = new JsonObject { ["type"] = "runtimepack", ["serviceable"] = false, ["sha512"] = "" };
        targets.Remove(name);
        targets[$"{name}/{runtime}"] = target;
        root["runtimeTarget"]!["name"] = $"{name}/{runtime}";
        return root.ToJsonString(Layout) + "\n";
    }

    private static JsonObject Assets(IEnumerable<string> files) => new(
        files.Order(StringComparer.Ordinal).Select(static file => KeyValuePair.Create<string, JsonNode?>(file, new JsonObject())));
}
