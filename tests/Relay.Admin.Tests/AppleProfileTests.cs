using System.Xml;
using System.Xml.Linq;
using Relay.Admin.Tests.World;
using Relay.Testing.Admin;

namespace Relay.Admin.Tests;

/// <summary>
/// Configuration profiles for Apple's devices, held against the keys that Apple publishes for the payload.
/// </summary>
public class AppleProfileTests
{
    // apple/device-management, mdm/profiles: com.apple.relay.managed, CommonPayloadKeys, TopLevel.
    private static readonly HashSet<string> PayloadKeys =
    [
        "Relays", "MatchDomains", "ExcludedDomains", "MatchFQDNs", "ExcludedFQDNs", "RelayUUID", "UIToggleEnabled",
        "AllowDNSFailover", "PayloadDisplayName", "PayloadDescription", "PayloadIdentifier", "PayloadType",
        "PayloadUUID",
        "PayloadVersion", "PayloadOrganization",
    ];

    private static readonly HashSet<string> RelayKeys =
        ["HTTP3RelayURL", "HTTP2RelayURL", "AdditionalHTTPHeaderFields", "PayloadCertificateUUID", "RawPublicKeys"];

    private static readonly HashSet<string> TopKeys =
    [
        "PayloadContent", "PayloadDescription", "PayloadDisplayName", "PayloadIdentifier", "PayloadOrganization",
        "PayloadType", "PayloadUUID", "PayloadVersion", "PayloadRemovalDisallowed", "PayloadScope",
    ];

    [Fact]
    public async Task Profile_OfARelay_HasApplesKeys()
    {
        var profile = await ProfileAsync("?relay=relay.example.com:4433&name=Office&organization=Example+AG"
            + "&matchDomain=Example.com&matchDomain=example.net&excludedDomain=cdn.example.com"
            + "&certificateUuid=6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11");
        Assert.Empty(profile.Keys.Except(TopKeys));
        Assert.Equal("Configuration", profile["PayloadType"]);
        Assert.Equal("1", profile["PayloadVersion"]);
        Assert.Equal("Office", profile["PayloadDisplayName"]);
        Assert.Equal("Example AG", profile["PayloadOrganization"]);
        var payload = (Dictionary<string, object>)Assert.Single((List<object>)profile["PayloadContent"]);
        Assert.Empty(payload.Keys.Except(PayloadKeys));
        Assert.Equal("com.apple.relay.managed", payload["PayloadType"]);
        Assert.Equal("1", payload["PayloadVersion"]);
        Assert.Equal(["example.com", "example.net"], (List<object>)payload["MatchDomains"]);
        Assert.Equal(["cdn.example.com"], (List<object>)payload["ExcludedDomains"]);
        var uuids = new[] { (string)profile["PayloadUUID"], (string)payload["PayloadUUID"],
            (string)payload["RelayUUID"] };
        Assert.Equal(3, uuids.Distinct().Count());
        Assert.All(uuids, static uuid => Assert.True(Guid.TryParseExact(uuid, "D", out _)));
        var relay = (Dictionary<string, object>)Assert.Single((List<object>)payload["Relays"]);
        Assert.Empty(relay.Keys.Except(RelayKeys));
        const string Template = "https://relay.example.com:4433/.well-known/masque/udp/{target_host}/{target_port}/";
        Assert.Equal((Template, Template), ((string)relay["HTTP3RelayURL"], (string)relay["HTTP2RelayURL"]));
        Assert.Equal("6E0D0B5E-4B0F-4F1C-8A52-7A1F6D0A2C11", relay["PayloadCertificateUUID"]);
        Assert.DoesNotContain("AdditionalHTTPHeaderFields", relay.Keys);
    }

    [Theory]
    [InlineData("", new[] { "HTTP3RelayURL", "HTTP2RelayURL" })]
    [InlineData("&http2=true", new[] { "HTTP3RelayURL", "HTTP2RelayURL" })]
    [InlineData("&http2=false", new[] { "HTTP3RelayURL" })]
    public async Task Profile_OfARelayWithoutTcp_NamesItForHttp3Alone(string query, string[] keys)
    {
        var relay = RelayOf(await ProfileAsync($"?relay=relay.example.com{query}"));
        Assert.Equal(keys, relay.Keys);
        Assert.Single(relay.Values.Distinct());
    }

    [Fact]
    public async Task Profile_AskedForTwice_IsTheSameAndOthersAreNot()
    {
        var one = await ProfileAsync("?relay=relay.example.com");
        Assert.Equal(one["PayloadUUID"], (await ProfileAsync("?relay=relay.example.com"))["PayloadUUID"]);
        Assert.NotEqual(one["PayloadUUID"], (await ProfileAsync("?relay=relay.example.net"))["PayloadUUID"]);
        Assert.NotEqual(
            one["PayloadUUID"], (await ProfileAsync("?relay=relay.example.com&matchDomain=a.b"))["PayloadUUID"]);
        Assert.Equal(one["PayloadUUID"],
            (await ProfileAsync("?relay=relay.example.com", ("Relay-Authorization", "Bearer secret")))["PayloadUUID"]);
        Assert.Equal(one["PayloadUUID"], (await ProfileAsync("?relay=relay.example.com&http2=false"))["PayloadUUID"]);
    }

    [Fact]
    public async Task Profile_WithASecret_HasItOnlyWhereAsked()
    {
        var profile = await ProfileAsync("?relay=relay.example.com", ("Relay-Authorization", "Bearer s3cret<&>"));
        var fields = (Dictionary<string, object>)RelayOf(profile)["AdditionalHTTPHeaderFields"];
        Assert.Equal("Bearer s3cret<&>", fields["Authorization"]);
        Assert.Single(fields);
    }

    [Theory]
    [InlineData("</string><key>PayloadRemovalDisallowed</key><true/><string>")]
    [InlineData("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>&e;")]
    [InlineData("]]><![CDATA[")]
    [InlineData("a & b \" ' < >")]
    public async Task Profile_HostileNames_StayTexts(string name)
    {
        var profile = await ProfileAsync(
            $"?relay=relay.example.com&name={Uri.EscapeDataString(name)}&organization={Uri.EscapeDataString(name)}");
        Assert.Equal(name, profile["PayloadDisplayName"]);
        Assert.Equal(name, profile["PayloadOrganization"]);
        Assert.Empty(profile.Keys.Except(TopKeys));
    }

    [Theory]
    [InlineData("relay.example.com", "https://relay.example.com/.well-known/masque/udp/{target_host}/{target_port}/")]
    [InlineData("192.0.2.1:443", "https://192.0.2.1:443/.well-known/masque/udp/{target_host}/{target_port}/")]
    [InlineData("[2001:db8::1]:443", "https://[2001:db8::1]:443/.well-known/masque/udp/{target_host}/{target_port}/")]
    [InlineData("https://relay.example.com",
        "https://relay.example.com/.well-known/masque/udp/{target_host}/{target_port}/")]
    [InlineData("https://r.example/m{?target_host,target_port}", "https://r.example/m{?target_host,target_port}")]
    [InlineData("https://r.example/p?h={target_host}&p={target_port}",
        "https://r.example/p?h={target_host}&p={target_port}")]
    public async Task Relay_Named_BecomesATemplate(string relay, string url)
    {
        var named = RelayOf(await ProfileAsync($"?relay={Uri.EscapeDataString(relay)}"));
        Assert.Equal((url, url), ((string)named["HTTP3RelayURL"], (string)named["HTTP2RelayURL"]));
    }

    [Theory]
    [InlineData("", "relay")]
    [InlineData("?relay=", "relay")]
    [InlineData("?relay=http://relay.example.com", "relay")]
    [InlineData("?relay=relay.example.com:0", "relay")]
    [InlineData("?relay=relay.example.com:65536", "relay")]
    [InlineData("?relay=relay.example.com/path", "relay")]
    [InlineData("?relay=user:word@relay.example.com", "relay")]
    [InlineData("?relay=https://relay.example.com/{target_host}", "relay")]
    [InlineData("?relay=https://relay.example.com/{target_host}/{target_port}/{more}", "relay")]
    [InlineData("?relay=https://relay.example.com/{target_host}/{target_port}%23f", "relay")]
    [InlineData("?relay=-.example.com", "relay")]
    [InlineData("?relay=[fe80::1%25eth0]", "relay")]
    [InlineData("?relay=b%C3%BCro.example", "relay")]
    [InlineData("?relay=a.b&relay=c.d", "relay")]
    [InlineData("?relay=a.b&name=%01", "name")]
    [InlineData("?relay=a.b&organization=%EF%BF%BF", "organization")]
    [InlineData("?relay=a.b&matchDomain=*.example.com", "matchDomain")]
    [InlineData("?relay=a.b&matchDomain=example.com.", "matchDomain")]
    [InlineData("?relay=a.b&excludedDomain=a..b", "excludedDomain")]
    [InlineData("?relay=a.b&certificateUuid=x", "certificateUuid")]
    [InlineData("?relay=a.b&http2=no", "http2")]
    [InlineData("?relay=a.b&http2=false&http2=true", "http2")]
    [InlineData("?relay=a.b&token=x", "token")]
    public async Task Queries_Wrong_AreNamed(string query, string field)
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet());
        using var answer = await app.Viewer.GetAsync($"/v1/apple-profile{query}");
        Assert.Equal([field], await answer.WrongFieldsAsync());
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("Digest username=x")]
    public async Task Secrets_NotCredentials_AreNamed(string value)
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet());
        using var answer = await app.Viewer.SendJsonAsync(
            HttpMethod.Get, "/v1/apple-profile?relay=a.b", null, ("Relay-Authorization", value));
        Assert.Equal(["Relay-Authorization"], await answer.WrongFieldsAsync());
    }

    private static async Task<Dictionary<string, object>> ProfileAsync(string query, params (string, string)[] headers)
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet());
        using var answer = await app.Viewer.SendJsonAsync(HttpMethod.Get, $"/v1/apple-profile{query}", null, headers);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        Assert.Equal("application/x-apple-aspen-config", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("relay.mobileconfig", answer.Content.Headers.ContentDisposition?.FileName);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        using var reader = XmlReader.Create(
            new StringReader(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
        var plist = XDocument.Load(reader).Root!;
        Assert.Equal("plist", plist.Name);
        return (Dictionary<string, object>)Read(plist.Elements().Single());
    }

    private static Dictionary<string, object> RelayOf(Dictionary<string, object> profile)
    {
        var payload = (Dictionary<string, object>)((List<object>)profile["PayloadContent"])[0];
        return (Dictionary<string, object>)((List<object>)payload["Relays"])[0];
    }

    private static object Read(XElement element) => element.Name.LocalName switch
    {
        "dict" => element.Elements().Chunk(2).ToDictionary(static pair => pair[0].Value, static pair => Read(pair[1])),
        "array" => element.Elements().Select(Read).ToList(),
        "string" or "integer" => element.Value,
        var other => throw new InvalidDataException($"<{other}> in a property list"),
    };
}
