using System.Text;
using System.Text.Json.Nodes;
using Relay.Admin.Tests.World;
using Relay.Testing.Admin;

namespace Relay.Admin.Tests.Apple;

/// <summary>Declarations for OS 27 and later.</summary>
public class AppleDeclarationTests
{
    [Theory]
    [InlineData("identity")]
    [InlineData("acme")]
    [InlineData("scep")]
    public async Task Declarations_OfAnIdentity_ReferToItsData(string kind)
    {
        var identity = kind switch
        {
            "identity" => $$"""{"pkcs12":{"content":"{{AppleRequests.Pkcs12}}","password":"pass&word"},"dataUrl":"https://mdm.example/i"}""",
            "acme" => $$"""{"acme":{{AppleRequests.Acme}},"dataUrl":"https://mdm.example/i"}""",
            _ => $$"""{"scep":{{AppleRequests.Scep}},"dataUrl":"https://mdm.example/i"}""",
        };
        var (declarations, data) = await DeclareAsync(AppleRequests.Common().With("identity", identity).With("rootCertificates",
            new JsonArray(new JsonObject { ["pem"] = AppleRequests.Root, ["dataUrl"] = "https://mdm.example/r" }).ToJsonString()));

        Assert.Equal(
            ["com.apple.asset.credential.certificate", "com.apple.configuration.security.certificate",
                $"com.apple.asset.credential.{kind}", "com.apple.configuration.network.relay"],
            declarations.Select(static one => one["Type"].Text));
        Assert.Equal(declarations[0]["Identifier"].Text, declarations[1]["Payload"]["CredentialAssetReference"].Text);
        AppleRequestTests.AssertRelays(
            declarations[3]["Payload"], "CredentialAssetReference", declarations[2]["Identifier"].Text);
        AppleRequestTests.AssertRoutes(declarations[3]["Payload"]);
        Assert.Equal("Example relay", declarations[3]["Payload"]["VisibleName"].Text);
        Assert.Equal(["https://mdm.example/r", "https://mdm.example/i"], data.Select(static one => (string)one["url"]!));
        foreach (var (asset, one) in new[] { declarations[0], declarations[2] }.Zip(data))
        {
            var reference = asset["Payload"]["Reference"];
            Assert.Equal(
                ((string)one["url"]!, (string)one["contentType"]!, $"{Content(one).Length}"),
                (reference["DataURL"].Text, reference["ContentType"].Text, reference["Size"].Text));
            Assert.Equal("MDM", asset["Payload"]["Authentication"]["Type"].Text);
        }
        Assert.Equal(("application/pem", "application/json"), ((string)data[0]["contentType"]!, (string)data[1]["contentType"]!));
        Assert.Equal(AppleRequests.Root.Trim(), Encoding.UTF8.GetString(Content(data[0])).Trim());
        var credential = AppleNode.OfJson(JsonNode.Parse(Content(data[1]))!);
        Assert.Empty(AppleSchema.Faults(credential, AppleSchema.Credentials[declarations[2]["Type"].Text], isJson: true));
        if (kind == "acme")
            AppleRequestTests.AssertAcme(credential);
        else if (kind == "scep")
            AppleRequestTests.AssertScep(credential);
        else
            Assert.Equal((AppleRequests.Pkcs12, "pass&word"), (credential["Identity"].Text, credential["Password"].Text));
    }

    [Fact]
    public async Task Declarations_OfAnAssetThatIsThere_ReferToIt()
    {
        var (declarations, data) = await DeclareAsync(AppleRequests.Common().With("identity", """{"reference":"the-identity"}"""));

        var relay = Assert.Single(declarations);
        AppleRequestTests.AssertRelays(relay["Payload"], "CredentialAssetReference", "the-identity");
        Assert.Empty(data);
    }

    [Fact]
    public async Task Declarations_ThatChange_HaveTheirNamesAndOtherTokens()
    {
        var before = (await DeclareAsync(Mac())).Declarations[0];
        var same = (await DeclareAsync(Mac())).Declarations[0];
        var other = (await DeclareAsync(Mac().With("allowDnsFailover", "true"))).Declarations[0];

        Assert.Equal((before["Identifier"].Text, before["ServerToken"].Text), (same["Identifier"].Text, same["ServerToken"].Text));
        Assert.Equal(before["Identifier"].Text, other["Identifier"].Text);
        Assert.NotEqual(before["ServerToken"].Text, other["ServerToken"].Text);
        // The declaration of a Mac has no RelayUUID.
        Assert.DoesNotContain("RelayUUID", before["Payload"].Keys.Keys);

        static JsonObject Mac() => JsonNode.Parse(
            """{"relays":[{"http2Url":"relay.example.com"}],"relayUuid":false}""")!.AsObject();
    }

    [Theory]
    [InlineData("organization", "\"x\"", "organization")]
    [InlineData("description", "\"x\"", "description")]
    [InlineData("expiresAt", "\"2199-01-01T00:00:00Z\"", "expiresAt")]
    [InlineData("consent", """{"en":"x"}""", "consent")]
    [InlineData("rootCertificates", "[{}]", "rootCertificates[0].dataUrl", "rootCertificates[0].pem")]
    [InlineData("identity", """{"reference":""}""", "identity.reference")]
    [InlineData("identity", """{"scep":{"url":"https://a.b"}}""", "identity.dataUrl")]
    [InlineData("identity", """{"scep":{"url":"https://a.b"},"dataUrl":"http://a.b"}""", "identity.dataUrl")]
    [InlineData("identity", """{"reference":"a","dataUrl":"https://a.b"}""", "identity.dataUrl")]
    public async Task Requests_Wrong_AreNamed(string field, string json, params string[] wrong)
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet());
        var body = new JsonObject { ["relays"] = JsonNode.Parse("""[{"http3Url":"a.b"}]""") }.With(field, json);
        using var answer = await app.Operator.PostJsonAsync("/v1/apple-declarations", body.ToJsonString());
        Assert.Equal(wrong, await answer.WrongFieldsAsync());
    }

    [Fact]
    public async Task Requests_WithAPasswordlessIdentity_AreNamed()
    {
        var (status, content) = await AppleRequests.PostAsync("/v1/apple-declarations", AppleRequests.Common()
            .With("identity", $$"""{"pkcs12":{"content":"{{AppleRequests.Pkcs12}}"},"dataUrl":"https://a.b"}"""));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(["identity.pkcs12.password"], JsonNode.Parse(content)!["errors"]!.AsObject().Select(static error => error.Key));
    }

    private static byte[] Content(JsonObject data) => Convert.FromBase64String((string)data["content"]!);

    private static async Task<(AppleNode[] Declarations, JsonObject[] Data)> DeclareAsync(JsonObject body)
    {
        var (status, content) = await AppleRequests.PostAsync("/v1/apple-declarations", body);
        Assert.True(status == HttpStatusCode.OK, Encoding.UTF8.GetString(content));
        var answer = JsonNode.Parse(content)!;
        var declarations = answer["declarations"]!.AsArray().Select(static one => AppleNode.OfJson(one!)).ToArray();
        Assert.All(declarations, static declaration =>
        {
            Assert.Empty(AppleSchema.Faults(declaration, AppleSchema.Declaration, isJson: true));
            Assert.Empty(AppleSchema.Faults(
                declaration["Payload"], AppleSchema.Declarations[declaration["Type"].Text], isJson: true));
            // declarationbase.yaml: no more than 64 octets.
            Assert.InRange(declaration["Identifier"].Text.Length, 1, 64);
            Assert.InRange(declaration["ServerToken"].Text.Length, 1, 64);
        });
        Assert.Equal(declarations.Length, declarations.Select(static one => one["Identifier"].Text).Distinct().Count());
        return (declarations, [.. answer["data"]!.AsArray().Select(static one => one!.AsObject())]);
    }
}
