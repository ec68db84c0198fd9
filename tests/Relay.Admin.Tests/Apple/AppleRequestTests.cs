using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Relay.Admin.Tests.World;
using Relay.Testing.Admin;

namespace Relay.Admin.Tests.Apple;

/// <summary>Profiles with all that Apple's schema has for a relay, and requests for them that are wrong.</summary>
public class AppleRequestTests
{
    [Fact]
    public async Task Profile_OfTwoRelays_HasAllThatWasAskedFor()
    {
        var profile = await ProfileAsync(AppleRequests.Common()
            .With("organization", "\"Example AG\"").With("description", "\"First line.\\nSecond & last.\"")
            .With("expiresAt", "\"2199-01-31T13:00:00+01:00\"")
            .With("consent", """{"default":"You agree.","de":"Sie stimmen zu.","pt-BR":"a\nb"}""")
            .With("identity", """{"reference":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11"}"""));

        Assert.Equal(("Example relay", "Example AG", "First line.\nSecond & last."), (
            profile["PayloadDisplayName"].Text, profile["PayloadOrganization"].Text, profile["PayloadDescription"].Text));
        Assert.Equal(("date", "2199-01-31T12:00:00Z"), (profile["PayloadExpirationDate"].Type, profile["PayloadExpirationDate"].Text));
        Assert.Equal(
            [("default", "You agree."), ("de", "Sie stimmen zu."), ("pt-BR", "a\nb")],
            profile["ConsentText"].Keys.Select(static text => (text.Key, text.Value.Text)));
        var payload = Assert.Single(profile["PayloadContent"].Items);
        AssertRelays(payload, "PayloadCertificateUUID", "6E0D0B5E-4B0F-4F1C-8A52-7A1F6D0A2C11");
        AssertRoutes(payload);
    }

    /// <summary>The two relays of <see cref="AppleRequests.Common"/>, each with its own, and the identity shown to one.</summary>
    internal static void AssertRelays(AppleNode payload, string identityKey, string identity)
    {
        var relays = payload["Relays"];
        Assert.Equal(2, relays.Items.Count);
        Assert.Equal(["HTTP3RelayURL", "AdditionalHTTPHeaderFields"], relays[0].Keys.Keys);
        Assert.Equal(
            "https://first.example.net:4433/.well-known/masque/udp/{target_host}/{target_port}/", relays[0]["HTTP3RelayURL"].Text);
        Assert.Equal("one", relays[0]["AdditionalHTTPHeaderFields"]["X-Token"].Text);
        Assert.Equal("https://relay.example.com/m/{target_host}/{target_port}/", relays[1]["HTTP3RelayURL"].Text);
        Assert.Equal(
            "https://relay.example.com:8443/.well-known/masque/udp/{target_host}/{target_port}/", relays[1]["HTTP2RelayURL"].Text);
        Assert.Equal(
            [("Authorization", "Bearer two"), ("X-Fleet", "a")],
            relays[1]["AdditionalHTTPHeaderFields"].Keys.Select(static field => (field.Key, field.Value.Text)));
        Assert.Equal(identity, relays[1][identityKey].Text);
    }

    internal static void AssertRoutes(AppleNode payload)
    {
        Assert.Equal(["example.com", "example.net"], payload["MatchDomains"].Texts);
        Assert.Equal(["www.example.org"], payload["MatchFQDNs"].Texts);
        Assert.Equal(["cdn.example.com"], payload["ExcludedDomains"].Texts);
        Assert.Equal(["login.example.net"], payload["ExcludedFQDNs"].Texts);
        Assert.Equal(("false", "true"), (payload["UIToggleEnabled"].Text, payload["AllowDNSFailover"].Text));
        Assert.True(Guid.TryParseExact(payload["RelayUUID"].Text, "D", out _));
    }

    [Fact]
    public async Task Profile_WithAnAuthority_HasItsCertificate()
    {
        var profile = await ProfileAsync(Own()
            .With("rootCertificates", new JsonArray(new JsonObject { ["pem"] = AppleRequests.Root }).ToJsonString()));

        var root = Assert.Single(profile.Payloads("com.apple.security.root"));
        using var certificate = X509Certificate2.CreateFromPem(AppleRequests.Root);
        Assert.Equal(certificate.RawData, Convert.FromBase64String(root["PayloadContent"].Text));
        Assert.Equal("Interop Test Authority", root["PayloadDisplayName"].Text);
    }

    [Fact]
    public async Task Profile_WithPkcs12_ShowsItToItsRelay()
    {
        var profile = await ProfileAsync(Own()
            .With("identity", $$"""{"pkcs12":{"content":"{{AppleRequests.Pkcs12}}","password":"pass&word"} }"""));

        var identity = Assert.Single(profile.Payloads("com.apple.security.pkcs12"));
        Assert.Equal(identity["PayloadUUID"].Text, ShownBy(profile));
        using var certificate = X509CertificateLoader.LoadPkcs12(
            Convert.FromBase64String(identity["PayloadContent"].Text), identity["Password"].Text);
        Assert.Equal("CN=alice", certificate.Subject);
        Assert.True(certificate.HasPrivateKey);
    }

    [Fact]
    public async Task Profile_WithAcme_HasWhatTheDeviceAsksFor()
    {
        var profile = await ProfileAsync(Own().With("identity", $$"""{"acme": {{AppleRequests.Acme}} }"""));

        var identity = Assert.Single(profile.Payloads("com.apple.security.acme"));
        Assert.Equal(identity["PayloadUUID"].Text, ShownBy(profile));
        AssertAcme(identity);
    }

    internal static void AssertAcme(AppleNode identity)
    {
        Assert.Equal(
            ("https://ca.example.com/acme/directory", "phone-1", "ECSECPrimeRandom", "384", "true", "true", "5"),
            (identity["DirectoryURL"].Text, identity["ClientIdentifier"].Text, identity["KeyType"].Text, identity["KeySize"].Text,
                identity["HardwareBound"].Text, identity["Attest"].Text, identity["UsageFlags"].Text));
        Assert.Equal(
            ["O=Example AG", "CN=alice", "1.2.3.4=x"],
            identity["Subject"].Items.Select(static set => string.Join('=', Assert.Single(set.Items).Texts)));
        Assert.Equal(["1.3.6.1.5.5.7.3.2"], identity["ExtendedKeyUsage"].Texts);
        Assert.Equal(
            [("rfc822Name", "alice@example.com"), ("dNSName", "alice.example.com"),
                ("uniformResourceIdentifier", "https://example.com/alice"), ("ntPrincipalName", "alice@EXAMPLE")],
            identity["SubjectAltName"].Keys.Select(static name => (name.Key, name.Value.Text)));
    }

    [Fact]
    public async Task Profile_WithScep_HasWhatTheDeviceAsksFor()
    {
        var profile = await ProfileAsync(Own().With("identity", $$"""{"scep": {{AppleRequests.Scep}} }"""));

        var identity = Assert.Single(profile.Payloads("com.apple.security.scep"));
        Assert.Equal(identity["PayloadUUID"].Text, ShownBy(profile));
        AssertScep(identity["PayloadContent"]);
    }

    internal static void AssertScep(AppleNode identity)
    {
        Assert.Equal(
            ("http://ca.example.com/scep", "clients", "s3cret", "4096", "RSA", "1", "2", "60"),
            (identity["URL"].Text, identity["Name"].Text, identity["Challenge"].Text, identity["Keysize"].Text,
                identity["Key Type"].Text, identity["Key Usage"].Text, identity["Retries"].Text, identity["RetryDelay"].Text));
        Assert.Equal(["CN", "alice"], identity["Subject"][0][0].Texts);
        Assert.Equal(20, Convert.FromBase64String(identity["CAFingerprint"].Text).Length);
        Assert.Equal("alice.example.com", identity["SubjectAltName"]["dNSName"].Text);
    }

    [Fact]
    public async Task Profile_AskedForByLittle_LeavesTheRestToTheDevice()
    {
        var profile = await ProfileAsync(Own().With("relayUuid", "false"));

        var payload = Assert.Single(profile["PayloadContent"].Items);
        Assert.Equal("relay.example.com", profile["PayloadDisplayName"].Text);
        Assert.DoesNotContain("PayloadExpirationDate", profile.Keys.Keys);
        Assert.DoesNotContain("ConsentText", profile.Keys.Keys);
        foreach (var key in (string[])["RelayUUID", "UIToggleEnabled", "AllowDNSFailover", "MatchDomains", "ExcludedFQDNs"])
            Assert.DoesNotContain(key, payload.Keys.Keys);
        Assert.Equal(["HTTP3RelayURL", "HTTP2RelayURL"], payload["Relays"][0].Keys.Keys);
    }

    [Fact]
    public async Task Profile_OfOtherSecrets_ReplacesTheOneBefore()
    {
        var before = await ProfileAsync(AppleRequests.Common());
        var other = AppleRequests.Common().With("uiToggleEnabled", "true").With("name", "\"Another\"");
        other["relays"]![1]!["headers"]!["Authorization"] = "Bearer three";
        other["relays"]![1]!["usesIdentity"] = false;
        Assert.Equal(before["PayloadUUID"].Text, (await ProfileAsync(other))["PayloadUUID"].Text);
        foreach (var (field, value) in ((string, string)[])
            [("matchFqdns", "[]"), ("excludedFqdns", "[]"), ("matchDomains", """["example.net"]"""), ("relays", """[{"http3Url":"a.b"}]""")])
            Assert.NotEqual(
                before["PayloadUUID"].Text, (await ProfileAsync(AppleRequests.Common().With(field, value)))["PayloadUUID"].Text);
    }

    [Fact]
    public async Task Profile_Made_IsNothingThatIsLogged()
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet());
        using var answer = await app.Operator.PostJsonAsync("/v1/apple-profile", AppleRequests.Common()
            .With("identity", $$"""{"pkcs12":{"content":"{{AppleRequests.Pkcs12}}","password":"pass&word"} }""").ToJsonString());
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        // The audit's line is written after the answer.
        var lines = await Eventually.HoldsAsync(
            "its line", () => Task.FromResult(string.Join('\n', app.Logs.Lines.Select(static line => line.ToString()))),
            static lines => lines.Contains("POST /v1/apple-profile", StringComparison.Ordinal));
        foreach (var secret in (string[])["Bearer two", "pass&word", AppleRequests.Pkcs12[..40]])
            Assert.DoesNotContain(secret, lines, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("name", "\"\"", "name")]
    [InlineData("name", "\"a\\u0001\"", "name")]
    [InlineData("organization", "\"\\ud83d\\ude00\"", "organization")]
    [InlineData("description", "\"a\\tb\"", "description")]
    [InlineData("relays", "{}", "relays")]
    [InlineData("relays", "[{},{},{}]", "relays")]
    [InlineData("relays", "[null]", "relays[0]")]
    [InlineData("relays", "[\"a.b\"]", "relays[0]")]
    [InlineData("relays", """[{"http3url":"a.b"}]""", "relays[0].http3url")]
    [InlineData("relays", """[{"rawPublicKeys":["AA=="]}]""", "relays[0].rawPublicKeys")]
    [InlineData("relays", """[{"http3Url":1}]""", "relays[0].http3Url")]
    [InlineData("relays", """[{"http3Url":"http://a.b"}]""", "relays[0].http3Url")]
    [InlineData("relays", """[{"http3Url":"a.b"},{"http2Url":"https://a.b/{target_host}"}]""", "relays[1].http2Url")]
    [InlineData("relays", """[{"http3Url":"a.b","headers":{"Host":"x"}}]""", "relays[0].headers")]
    [InlineData("relays", """[{"http3Url":"a.b","headers":{"a b":"x"}}]""", "relays[0].headers")]
    [InlineData("relays", """[{"http3Url":"a.b","headers":{"a":"x\r\ny"}}]""", "relays[0].headers")]
    [InlineData("relays", """[{"http3Url":"a.b","headers":{"a":null}}]""", "relays[0].headers")]
    [InlineData("relays", """[{"http3Url":"a.b","headers":{"X-Token":"x","x-token":"y"}}]""", "relays[0].headers")]
    [InlineData("relays", """[{"http3Url":"a.b","headers":["a"]}]""", "relays[0].headers")]
    [InlineData("relays", """[{"http3Url":"a.b","usesIdentity":true}]""", "relays[0].usesIdentity")]
    [InlineData("relays", """[{}]""", "relays")]
    [InlineData("matchDomains", """["*.example.com"]""", "matchDomains")]
    [InlineData("matchDomains", "[null]", "matchDomains")]
    [InlineData("matchDomains", "\"example.com\"", "matchDomains")]
    [InlineData("matchFqdns", """["a..b"]""", "matchFqdns")]
    [InlineData("excludedDomains", """["-"]""", "excludedDomains")]
    [InlineData("excludedFqdns", """["www.elsewhere.org"]""", "excludedFqdns")]
    [InlineData("uiToggleEnabled", "1", "uiToggleEnabled")]
    [InlineData("allowDnsFailover", "\"yes\"", "allowDnsFailover")]
    [InlineData("relayUuid", "\"x\"", "relayUuid")]
    [InlineData("expiresAt", "\"tomorrow\"", "expiresAt")]
    [InlineData("expiresAt", "\"2001-01-01T00:00:00Z\"", "expiresAt")]
    [InlineData("consent", """{"not a tag":"x"}""", "consent")]
    [InlineData("consent", """{"en":""}""", "consent")]
    [InlineData("consent", """{"en":null}""", "consent")]
    [InlineData("rootCertificates", """[{}]""", "rootCertificates[0].pem")]
    [InlineData("rootCertificates", """[{"pem":"x"}]""", "rootCertificates[0].pem")]
    [InlineData("rootCertificates", """[{"pem":"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"}]""",
        "rootCertificates[0].pem")]
    [InlineData("identity", "{}", "identity")]
    [InlineData("identity", """{"reference":"x"}""", "identity.reference")]
    [InlineData("identity", """{"reference":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11","dataUrl":"https://a.b/c"}""", "identity.dataUrl")]
    [InlineData("identity", """{"pkcs12":{}}""", "identity.pkcs12.content")]
    [InlineData("identity", """{"pkcs12":{"content":"x"}}""", "identity.pkcs12.content")]
    [InlineData("identity", """{"pkcs12":{"content":"AAAA"}}""", "identity.pkcs12.content")]
    [InlineData("identity", """{"acme":{"directoryUrl":"http://a.b","clientIdentifier":"x","subject":[["CN","a"]]}}""",
        "identity.acme.directoryUrl")]
    [InlineData("identity", """{"acme":{"directoryUrl":"https://a.b","subject":[["CN","a"]]}}""", "identity.acme.clientIdentifier")]
    [InlineData("identity", """{"acme":{"directoryUrl":"https://a.b","clientIdentifier":"x"}}""", "identity.acme.subject")]
    [InlineData("identity", """{"acme":{"directoryUrl":"https://a.b","clientIdentifier":"x","subject":[["DN","a"]]}}""",
        "identity.acme.subject")]
    [InlineData("identity",
        """{"acme":{"directoryUrl":"https://a.b","clientIdentifier":"x","subject":[["CN","a"]],"keyType":"RSA","keySize":512}}""",
        "identity.acme.keySize")]
    [InlineData("identity",
        """{"acme":{"directoryUrl":"https://a.b","clientIdentifier":"x","subject":[["CN","a"]],"keySize":521,"hardwareBound":true}}""",
        "identity.acme.hardwareBound")]
    [InlineData("identity",
        """{"acme":{"directoryUrl":"https://a.b","clientIdentifier":"x","subject":[["CN","a"]],"attest":true}}""",
        "identity.acme.attest")]
    [InlineData("identity", """{"scep":{"url":"ftp://a.b"}}""", "identity.scep.url")]
    [InlineData("identity", """{"scep":{"url":"https://a.b","keySize":2047}}""", "identity.scep.keySize")]
    [InlineData("identity", """{"scep":{"url":"https://a.b","retries":-1}}""", "identity.scep.retries")]
    [InlineData("identity", """{"scep":{"url":"https://a.b","subjectAltName":{"dnsName":""}}}""",
        "identity.scep.subjectAltName.dnsName")]
    [InlineData("identity", """{"reference":"6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11","scep":{"url":"https://a.b"}}""", "identity")]
    [InlineData("validity", "1", "validity")]
    public async Task Requests_Wrong_AreNamed(string field, string json, string wrong)
    {
        var body = JsonNode.Parse("""{"relays":[{"http3Url":"a.b"}],"matchDomains":["example.com"]}""")!.AsObject().With(field, json);
        await using var app = await AdminApp.StartAsync(new ScriptedFleet());
        using var answer = await app.Operator.PostJsonAsync("/v1/apple-profile", body.ToJsonString());
        Assert.Equal([wrong], await answer.WrongFieldsAsync());
    }

    [Fact]
    public async Task Requests_WithTheSameAuthorityTwice_AreNamed()
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet());
        var body = Own().With("rootCertificates", new JsonArray(
            new JsonObject { ["pem"] = AppleRequests.Root },
            new JsonObject { ["pem"] = $"of the relay\n{AppleRequests.Root}" }).ToJsonString());
        using var answer = await app.Operator.PostJsonAsync("/v1/apple-profile", body.ToJsonString());
        Assert.Equal(["rootCertificates[1].pem"], await answer.WrongFieldsAsync());
    }

    [Fact]
    public async Task Profile_WithPkcs12WithoutAPassword_HasAnEmptyOne()
    {
        var profile = await ProfileAsync(Own()
            .With("identity", $$"""{"pkcs12":{"content":"{{AppleRequests.Pkcs12}}","password":""} }"""));
        Assert.Equal("", Assert.Single(profile.Payloads("com.apple.security.pkcs12"))["Password"].Text);
    }

    [Fact]
    public async Task Requests_WithManyFaults_AreToldAllOfThem()
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet());
        using var answer = await app.Operator.PostJsonAsync("/v1/apple-profile", """
            {"relays":[{"http3Url":"http://a"},{"http2Url":"a/b","headers":{"":"x"}}],"identity":{"scep":{"keySize":1}},"name":""}
            """);
        Assert.Equal(
            ["identity", "identity.scep.keySize", "identity.scep.url", "name", "relays[0].http3Url", "relays[1].headers",
                "relays[1].http2Url"], await answer.WrongFieldsAsync());
    }

    [Fact]
    public async Task Requests_OfViewers_AreRefused()
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet());
        foreach (var path in (string[])["/v1/apple-profile", "/v1/apple-declarations"])
        {
            using var answer = await app.Viewer.PostJsonAsync(path, """{"relays":[{"http3Url":"a.b"}]}""");
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
    }

    private static JsonObject Own() => new()
    {
        ["relays"] = JsonNode.Parse(
        """[{"http3Url":"relay.example.com","http2Url":"relay.example.com"}]""")
    };

    private static string ShownBy(AppleNode profile) =>
        Assert.Single(profile.Payloads("com.apple.relay.managed"))["Relays"][0]["PayloadCertificateUUID"].Text;

    private static async Task<AppleNode> ProfileAsync(JsonObject body)
    {
        if (body["identity"] is null && body["relays"]!.AsArray() is [_, JsonObject second])
            second.Remove("usesIdentity");
        var (status, content) = await AppleRequests.PostAsync("/v1/apple-profile", body);
        Assert.True(status == HttpStatusCode.OK, Encoding.UTF8.GetString(content));
        var profile = AppleNode.OfPropertyList(content);
        Assert.Empty(AppleSchema.Faults(profile, AppleSchema.Profile));
        Assert.All(profile["PayloadContent"].Items, static payload =>
            Assert.Empty(AppleSchema.Faults(payload, AppleSchema.Payloads[payload["PayloadType"].Text])));
        Assert.Equal(
            profile["PayloadContent"].Items.Count + 1,
            profile["PayloadContent"].Items.Append(profile).Select(static one => one["PayloadUUID"].Text).Distinct().Count());
        return profile;
    }
}
