using System.Text.Json;
using System.Text.Json.Nodes;

namespace Relay.Packaging;

/// <summary>
/// What the packaged programs tell their runtime, NAME.runtimeconfig.json: what the build has, and what is off in the package. The code of
/// what is off for all of them is taken out.
/// </summary>
internal static class RuntimeSettings
{
    private const string Properties = "configProperties";

    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true };

    /// <summary>
    /// What nothing in the package is for: COM and XML from elsewhere, hooks and debuggers, whose libraries are left out, HTTP/3 by MsQuic,
    /// which is none of it.
    /// </summary>
    private static readonly string[] Off =
    [
        "System.Data.DataSet.XmlSerializationIsSupported",
        "System.Diagnostics.Debugger.IsSupported",
        "System.Net.SocketsHttpHandler.Http3Support",
        "System.Runtime.InteropServices.BuiltInComInterop.IsSupported",
        "System.Runtime.InteropServices.EnableConsumingManagedCodeFromNativeHosting",
        "System.Runtime.Serialization.EnableUnsafeBinaryFormatterSerialization",
        "System.StartupHookProvider.IsSupported",
        "System.Text.Encoding.EnableUnsafeUTF7Encoding",
        "System.Xml.XmlResolver.IsNetworkingEnabledByDefault",
    ];

    /// <summary>Of a configuration that asks for frameworks, one whose frameworks are beside it.</summary>
    /// <param name="config">The build's.</param>
    /// <param name="version">The frameworks'.</param>
    public static string Packaged(string config, string version)
    {
        var root = JsonNode.Parse(config)!;
        var options = root["runtimeOptions"]!.AsObject();
        var frameworks = options["frameworks"] as JsonArray ?? [options["framework"]!.DeepClone()];
        options.Remove("framework");
        options.Remove("frameworks");
        options["includedFrameworks"] = new JsonArray([.. frameworks.Select(framework => new JsonObject
        {
            ["name"] = (string)framework!["name"]!,
            ["version"] = version,
        })]);
        if (options[Properties] is not JsonObject properties)
            options[Properties] = properties = [];
        foreach (var name in Off)
            properties[name] = false;
        return root.ToJsonString(Layout) + "\n";
    }

    /// <summary>The switches that are the same in all of the configurations, by name: what they decide is known when code is taken out.</summary>
    /// <param name="configs">Those of all programs.</param>
    public static IEnumerable<(string Name, bool Value)> Common(IEnumerable<string> configs) => configs
        .Select(static config => JsonNode.Parse(config)!["runtimeOptions"]![Properties]!.AsObject()
            .Where(static one => one.Value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False)
            .Select(static one => (one.Key, (bool)one.Value!)))
        .Aggregate(static (before, next) => before.Intersect(next))
        .OrderBy(static one => one.Key, StringComparer.Ordinal);
}
