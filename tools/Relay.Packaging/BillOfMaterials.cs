using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Relay.Packaging;

/// <summary>
/// A bill of materials (CycloneDX): made of what projects are restored with, it becomes one of what a folder of programs holds.
/// </summary>
internal static class BillOfMaterials
{
    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Leaves out packages of which nothing is in the folder, such as compilers', names the runtime, which is no package of any project,
    /// and sets the time.
    /// </summary>
    /// <param name="text">The bill of the projects.</param>
    /// <param name="folder">The programs.</param>
    /// <param name="time">When the commit was made, so that it gives the same bytes each time.</param>
    public static string OfFolder(string text, string folder, DateTimeOffset time)
    {
        var bill = JsonNode.Parse(text)!.AsObject();
        bill["metadata"]!["timestamp"] = time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var components = bill["components"]!.AsArray();
        components.RemoveAll(component => !IsIn(folder, (string)component!["name"]!));
        foreach (var framework in JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "relay-node.runtimeconfig.json")))!
            ["runtimeOptions"]!["includedFrameworks"]!.AsArray())
        {
            var (name, version) = ((string)framework!["name"]!, (string)framework["version"]!);
            components.Add(new JsonObject
            {
                ["type"] = "framework",
                ["bom-ref"] = $"{name}@{version}",
                ["name"] = name,
                ["version"] = version,
                ["licenses"] = new JsonArray(new JsonObject { ["license"] = new JsonObject { ["id"] = "MIT" } }),
            });
        }
        var known = components.Select(static component => (string)component!["bom-ref"]!).Append((string?)bill["metadata"]!["component"]?["bom-ref"])
            .ToHashSet();
        if (bill["dependencies"] is JsonArray dependencies)
        {
            dependencies.RemoveAll(one => !known.Contains((string?)one!["ref"]));
            foreach (var one in dependencies)
                (one!["dependsOn"] as JsonArray)?.RemoveAll(reference => !known.Contains((string?)reference));
        }
        return bill.ToJsonString(Layout);
    }

    // Packages are named as their assembly, some with the publisher's name before it.
    private static bool IsIn(string folder, string package) => File.Exists(Path.Combine(folder, $"{package}.dll"))
        || (package.StartsWith("Microsoft.", StringComparison.Ordinal) && File.Exists(Path.Combine(folder, $"{package[10..]}.dll")));
}
