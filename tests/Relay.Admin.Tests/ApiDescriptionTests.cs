using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.OpenApi;
using Relay.Admin.Tests.World;
using Relay.Testing.Admin;

namespace Relay.Admin.Tests;

/// <summary>The API's description: valid, and about every route.</summary>
public class ApiDescriptionTests
{
    // The routes of the specification, with what was added for limits.
    private static readonly string[] Routes =
    [
        "POST /v1/nodes/{id}/reports", "GET /v1/fleet", "GET /v1/caller", "GET /v1/fleet/state", "PUT /v1/fleet/state", "GET /v1/nodes", "GET /v1/nodes/{id}",
        "DELETE /v1/nodes/{id}", "GET /v1/nodes/{id}/history",
        "GET /v1/nodes/{id}/quarantine", "PUT /v1/nodes/{id}/quarantine", "DELETE /v1/nodes/{id}/quarantine",
        "POST /v1/nodes/{id}/drain", "POST /v1/nodes/{id}/undrain",
        "POST /v1/drains", "GET /v1/drains", "GET /v1/drains/{id}", "DELETE /v1/drains/{id}",
        "GET /v1/sessions", "GET /v1/sessions/{id}", "DELETE /v1/sessions/{id}",
        "GET /v1/prefix-pools", "GET /v1/prefix-pools/{name}", "PUT /v1/prefix-pools/{name}",
        "DELETE /v1/prefix-pools/{name}", "GET /v1/prefix-pools/{name}/leases",
        "DELETE /v1/prefix-pools/{name}/leases/{prefix}",
        "GET /v1/users", "GET /v1/users/{name}", "PUT /v1/users/{name}", "DELETE /v1/users/{name}",
        "GET /v1/users/{name}/usage", "POST /v1/users/{name}/credentials", "DELETE /v1/users/{name}/credentials/{id}",
        "POST /v1/users/{name}/enrolments",
        "GET /v1/user-store", "POST /v1/user-store/confirm",
        "GET /v1/limits", "GET /v1/limits/{identity}", "PUT /v1/limits/{identity}", "DELETE /v1/limits/{identity}",
        "GET /v1/stats", "GET /v1/events", "GET /v1/events/history", "GET /v1/apple-profile", "POST /v1/apple-profile",
        "POST /v1/apple-declarations", "GET /v1/relay",
    ];

    [Fact]
    public async Task Document_ReadBack_IsValidAndHasEveryRoute()
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet());
        var text = await app.Client(null).GetStringAsync("/openapi/v1.json");
        if (Environment.GetEnvironmentVariable("RELAY_OPENAPI_OUTPUT") is { } path)
            await File.WriteAllTextAsync(path, text);
        var read = OpenApiDocument.Parse(text, "json");
        Assert.Empty(read.Diagnostic?.Errors ?? []);
        Assert.Empty(read.Diagnostic?.Warnings ?? []);
        Assert.NotNull(read.Document);
        Assert.Empty(read.Document.Validate(ValidationRuleSet.GetDefaultRuleSet()));
        var described = read.Document.Paths.SelectMany(static path => path.Value.Operations!
            .Select(operation => $"{operation.Key.Method} {path.Key}"));
        Assert.Equal(Routes.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Document_Operations_SayWhatTheyAreAndHowTheyFail()
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet());
        var document = JsonNode.Parse(await app.Client(null).GetStringAsync("/openapi/v1.json"))!;
        Assert.Equal("http", (string?)document["components"]!["securitySchemes"]!["bearer"]!["type"]);
        Assert.NotNull(document["security"]![0]!["bearer"]);
        foreach (var (path, operations) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                var name = $"{method} {path}";
                Assert.False(string.IsNullOrEmpty((string?)operation!["summary"]), $"{name} has no summary");
                Assert.False(string.IsNullOrEmpty((string?)operation["operationId"]), $"{name} has no name");
                foreach (var status in (string[])["400", "401", "403", "429", "503"])
                {
                    var problem = operation["responses"]![status]?["content"]?["application/problem+json"];
                    Assert.True(problem?["example"] is not null, $"{name} has no example of {status}");
                    Assert.EndsWith("/Problem", (string?)problem["schema"]!["$ref"], StringComparison.Ordinal);
                }
                Assert.All(operation["parameters"]?.AsArray() ?? [], parameter =>
                    Assert.True(
                        (string?)parameter!["in"] == "path" || parameter["description"] is not null,
                        $"{name}: {parameter["name"]} is not described"));
            }
        }
    }

    [Fact]
    public async Task Guide_EveryRouteOfTheDocument_HasACommandForIt()
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet());
        var document = JsonNode.Parse(await app.Client(null).GetStringAsync("/openapi/v1.json"))!;
        var guide = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "admin.md"))
            .Replace("\\\n", " ", StringComparison.Ordinal);
        // As in the guide: api PATH, then curl's options; data makes it a POST.
        var commands = Regex.Matches(guide, @"^ +\$ api '?([^ '?\n]+)[^ \n]*(.*)$", RegexOptions.Multiline)
            .Select(static command => (Path: command.Groups[1].Value, Method: MethodOf(command.Groups[2].Value)))
            .ToList();
        Assert.All(document["paths"]!.AsObject(), path =>
        {
            var pattern = $"^{Regex.Replace(path.Key, "{[^}]+}", "[^ ]+")}$";
            Assert.All(path.Value!.AsObject(), operation => Assert.Contains(commands, command =>
                command.Method.Equals(operation.Key, StringComparison.OrdinalIgnoreCase)
                && Regex.IsMatch(command.Path, pattern)
                && command.Path.Split('/').Length >= path.Key.Split('/').Length));
        });
    }

    private static string MethodOf(string options) => Regex.Match(options, "-X ([A-Z]+)") is { Success: true } method
        ? method.Groups[1].Value
        : options.Contains(" -d ", StringComparison.Ordinal) ? "POST" : "GET";

    [Theory]
    [InlineData("drainNode", typeof(Fleet.Contract.DrainOneBody))]
    [InlineData("startDrain", typeof(Fleet.Contract.DrainBody))]
    [InlineData("putPrefixPool", typeof(Fleet.Contract.PoolBody))]
    [InlineData("putLimit", typeof(Fleet.Contract.IdentityLimit))]
    [InlineData("putUser", typeof(Fleet.Contract.UserBody))]
    [InlineData("addDevice", typeof(Fleet.Contract.DeviceBody))]
    [InlineData("beginEnrolment", typeof(Fleet.Contract.EnrolmentBody))]
    [InlineData("confirmUserStore", typeof(Fleet.Contract.ConfirmBody))]
    public void Examples_Requests_AreAccepted(string operation, Type type)
    {
        var json = OpenApi.Examples.Of(operation)!["request"]!.ToJsonString();
        Assert.Empty(((Fleet.Contract.IRequestBody)JsonSerializer.Deserialize(
            json, type, Fleet.Json.FleetJson.Options)!).Faults());
    }

    [Theory]
    [InlineData("makeAppleProfile", typeof(Admin.Apple.AppleProfileBody))]
    [InlineData("makeAppleDeclarations", typeof(Admin.Apple.AppleRelayBody))]
    public void Examples_OfAppleRequests_AreAccepted(string operation, Type type)
    {
        var json = OpenApi.Examples.Of(operation)!["request"]!.ToJsonString();
        Assert.Empty(((Fleet.Contract.IRequestBody)JsonSerializer.Deserialize(json, type, Admin.Apple.AppleJson.Options)!).Faults());
    }

    [Theory]
    [InlineData("getRelay", "200", typeof(Fleet.Contract.RelayInfo))]
    [InlineData("getCaller", "200", typeof(Fleet.Contract.CallerInfo))]
    [InlineData("getFleet", "200", typeof(Fleet.Contract.FleetOverview))]
    [InlineData("startDrain", "202", typeof(Fleet.Contract.DrainInfo))]
    [InlineData("listSessions", "200", typeof(Fleet.Contract.Page<Fleet.Contract.SessionRecord>))]
    [InlineData("putPrefixPool", "200", typeof(Fleet.Contract.PrefixPoolInfo))]
    [InlineData("putLimit", "200", typeof(Fleet.Contract.LimitRule))]
    [InlineData("putUser", "200", typeof(Fleet.Contract.User))]
    [InlineData("addDevice", "201", typeof(Fleet.Contract.NewCredential))]
    [InlineData("beginEnrolment", "201", typeof(Fleet.Contract.EnrolmentLink))]
    [InlineData("readHistory", "200", typeof(Fleet.Contract.EventPage))]
    [InlineData("getUserStore", "200", typeof(Fleet.Contract.UserStoreInfo))]
    [InlineData("listLeases", "200", typeof(Fleet.Contract.Page<Fleet.Contract.LeaseInfo>))]
    [InlineData("reportNode", "request", typeof(Fleet.Contract.NodeReport))]
    [InlineData("reportNode", "200", typeof(Fleet.Contract.NodeDirective))]
    public void Examples_Answers_AreWhatTheirTypesWrite(string operation, string part, Type type)
    {
        var example = OpenApi.Examples.Of(operation)![part]!;
        var value = JsonSerializer.Deserialize(example.ToJsonString(), type, Fleet.Json.FleetJson.Options);
        var written = JsonNode.Parse(JsonSerializer.Serialize(value, type, Fleet.Json.FleetJson.Options))!;
        AssertContains(written, example, operation);
    }

    // Everything that the example shows is written; what it leaves out may be written too.
    private static void AssertContains(JsonNode? written, JsonNode? example, string path)
    {
        if (example is JsonObject fields)
            Assert.All(fields, field => AssertContains(
                Assert.IsType<JsonObject>(written)[field.Key], field.Value, $"{path}.{field.Key}"));
        else if (example is JsonArray items)
        {
            Assert.Equal(items.Count, Assert.IsType<JsonArray>(written).Count);
            for (var i = 0; i < items.Count; i++)
                AssertContains(((JsonArray)written!)[i], items[i], $"{path}[{i}]");
        }
        else
            Assert.True(JsonNode.DeepEquals(written, example), $"{path}: {written} is not {example}");
    }
}
