using System.Text.Json.Nodes;
using YamlDotNet.Serialization;

namespace Relay.Deploy.Tests.Kubernetes;

/// <summary>
/// All that is rendered, by the API's own schemas and the fields of its types, those of the Prometheus operator and cert-manager among
/// them: packages of npm, which eng/k8s-schemas.sh installs.
/// </summary>
[Trait("Needs", "Processes")]
public class SchemaTests
{
    [Fact]
    public async Task Objects_OfAllOverlaysAndComponents_AreWhatTheApiDescribes()
    {
        var objects = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        foreach (var name in Combinations.All.Select(static row => row.Data))
        {
            foreach (var one in ReadAll(await (await DeployTree.OpenAsync()).RenderAsync(name)))
                objects[one.ToJsonString()] = one;
        }
        foreach (var one in ReadAll(Repository.Read("deploy/k8s/coordinators/ingress.example.yaml")))
            objects[one.ToJsonString()] = one;
        Assert.True(objects.Count > 40, $"{objects.Count}");
        var (status, output) = await ValidateAsync([.. objects.Values]);
        Assert.True(status == 0, output);
        Assert.Contains($"{objects.Count} objects, 0 faults", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("apps/v1", "StatefulSet", """{ "replicas": "3" }""", "data/spec/replicas must be integer")]
    [InlineData("apps/v1", "DaemonSet", """{ "template": { "spec": { "containers": [{ "name": "a", "imagee": "b" }] } }, "selector": {} }""", "spec/containers/0/imagee: there is no such field")]
    [InlineData("monitoring.coreos.com/v1", "PodMonitor", """{ "selector": {}, "podMetricsEndpoints": [{ "prot": "metrics" }] }""", "podMetricsEndpoints/0/prot: there is no such field")]
    [InlineData("cert-manager.io/v1", "Certificate", """{ "secretName": "a", "issuerRef": { "name": "b" }, "usages": ["flying"] }""", "usages/0 must be equal to one of the allowed values")]
    public async Task Objects_ThatTheApiDoesNotDescribe_AreFound(string version, string kind, string spec, string fault)
    {
        var (status, output) = await ValidateAsync(
            [new JsonObject { ["apiVersion"] = version, ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = "a" }, ["spec"] = JsonNode.Parse(spec) }]);
        Assert.Equal(1, status);
        Assert.Contains(fault, output, StringComparison.Ordinal);
    }

    private static async Task<(int Status, string Output)> ValidateAsync(JsonNode[] objects)
    {
        var node = InstalledProgram.Require("node", "nodejs");
        var folder = Repository.PathOf("artifacts/k8s-schemas");
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(folder, "node_modules")), "The schemas are not installed: eng/k8s-schemas.sh, which needs npm and its registry.");
        await using var process = ChildProcess.Start(node, [Path.Combine(folder, "validate.mjs")]);
        await process.Input.WriteAsync(new JsonArray([.. objects.Select(static one => one.DeepClone())]).ToJsonString());
        process.Input.Close();
        var status = await process.WaitForExitAsync(Eventually.Limit);
        return (status, string.Join('\n', process.Log.Lines));
    }

    private static IEnumerable<JsonNode> ReadAll(string text)
    {
        var reader = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();
        return text.Split("\n---\n").Select(document => Json(reader.Deserialize<object>(document))!);
    }

    private static JsonNode? Json(object? value) => value switch
    {
        null => null,
        Dictionary<object, object> map => new JsonObject(map.Select(static one => KeyValuePair.Create((string)one.Key, Json(one.Value)))),
        List<object> list => new JsonArray([.. list.Select(Json)]),
        string text => JsonValue.Create(text),
        bool truth => JsonValue.Create(truth),
        IConvertible number => JsonValue.Create(number.ToDecimal(System.Globalization.CultureInfo.InvariantCulture)),
        _ => throw new InvalidOperationException($"{value.GetType()}"),
    };
}
