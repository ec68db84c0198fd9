using System.Text;
using Relay.Admin.Tests.World;
using Relay.Hosting.Fleet;
using Relay.Testing.Admin;

namespace Relay.Admin.Tests.Apple;

/// <summary>
/// Configuration profiles for Apple's devices, held against the keys that Apple publishes for the payload.
/// </summary>
public class AppleProfileTests
{
    [Fact]
    public async Task Profile_OfARelay_HasApplesKeys()
    {
        var profile = await ProfileAsync("?relay=relay.example.com:4433&name=Office&organization=Example+AG"
            + "&matchDomain=Example.com&matchDomain=example.net&excludedDomain=cdn.example.com"
            + "&certificateUuid=6e0d0b5e-4b0f-4f1c-8a52-7a1f6d0a2c11");
        Assert.Equal("Office", profile["PayloadDisplayName"].Text);
        Assert.Equal("Example AG", profile["PayloadOrganization"].Text);
        var payload = Assert.Single(profile["PayloadContent"].Items);
        Assert.Equal("com.apple.relay.managed", payload["PayloadType"].Text);
        Assert.Equal(["example.com", "example.net"], payload["MatchDomains"].Texts);
        Assert.Equal(["cdn.example.com"], payload["ExcludedDomains"].Texts);
        string[] uuids = [profile["PayloadUUID"].Text, payload["PayloadUUID"].Text, payload["RelayUUID"].Text];
        Assert.Equal(3, uuids.Distinct().Count());
        Assert.All(uuids, static uuid => Assert.True(Guid.TryParseExact(uuid, "D", out _)));
        var relay = Assert.Single(payload["Relays"].Items);
        const string Template = "https://relay.example.com:4433/.well-known/masque/udp/{target_host}/{target_port}/";
        Assert.Equal((Template, Template), (relay["HTTP3RelayURL"].Text, relay["HTTP2RelayURL"].Text));
        Assert.Equal("6E0D0B5E-4B0F-4F1C-8A52-7A1F6D0A2C11", relay["PayloadCertificateUUID"].Text);
        Assert.DoesNotContain("AdditionalHTTPHeaderFields", relay.Keys.Keys);
    }

    [Theory]
    [InlineData("", new[] { "HTTP3RelayURL", "HTTP2RelayURL" })]
    [InlineData("&http2=true", new[] { "HTTP3RelayURL", "HTTP2RelayURL" })]
    [InlineData("&http2=false", new[] { "HTTP3RelayURL" })]
    public async Task Profile_OfARelayWithoutTcp_NamesItForHttp3Alone(string query, string[] keys)
    {
        var relay = RelayOf(await ProfileAsync($"?relay=relay.example.com{query}"));
        Assert.Equal(keys, relay.Keys.Keys);
        Assert.Single(relay.Keys.Values.Select(static url => url.Text).Distinct());
    }

    [Fact]
    public async Task Profile_AskedForTwice_IsTheSameAndOthersAreNot()
    {
        var one = await ProfileAsync("?relay=relay.example.com");
        Assert.Equal(one["PayloadUUID"].Text, (await ProfileAsync("?relay=relay.example.com"))["PayloadUUID"].Text);
        Assert.NotEqual(one["PayloadUUID"].Text, (await ProfileAsync("?relay=relay.example.net"))["PayloadUUID"].Text);
        Assert.NotEqual(
            one["PayloadUUID"].Text, (await ProfileAsync("?relay=relay.example.com&matchDomain=a.b"))["PayloadUUID"].Text);
        Assert.Equal(one["PayloadUUID"].Text,
            (await ProfileAsync("?relay=relay.example.com", ("Relay-Authorization", "Bearer secret")))["PayloadUUID"].Text);
        Assert.Equal(one["PayloadUUID"].Text, (await ProfileAsync("?relay=relay.example.com&http2=false"))["PayloadUUID"].Text);
    }

    [Fact]
    public async Task Profile_WithASecret_HasItOnlyWhereAsked()
    {
        var profile = await ProfileAsync("?relay=relay.example.com", ("Relay-Authorization", "Bearer s3cret<&>"));
        var fields = RelayOf(profile)["AdditionalHTTPHeaderFields"];
        Assert.Equal("Bearer s3cret<&>", fields["Authorization"].Text);
        Assert.Single(fields.Keys);
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
        Assert.Equal(name, profile["PayloadDisplayName"].Text);
        Assert.Equal(name, profile["PayloadOrganization"].Text);
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
        Assert.Equal((url, url), (named["HTTP3RelayURL"].Text, named["HTTP2RelayURL"].Text));
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

    [Fact]
    public async Task Profile_OfNoRelay_IsOfTheFleetsOwn()
    {
        var own = Own;
        await using var app = await AdminApp.StartAsync(
            new ScriptedFleet(), static config => config with { Profiles = new() { Relay = Own } });
        var named = AppleNode.OfPropertyList(await app.Viewer.GetByteArrayAsync($"/v1/apple-profile?relay={own.Text}"));
        var profile = AppleNode.OfPropertyList(await app.Viewer.GetByteArrayAsync("/v1/apple-profile"));

        Assert.Equal(own.Template, RelayOf(profile)["HTTP3RelayURL"].Text);
        Assert.Equal(named["PayloadUUID"].Text, profile["PayloadUUID"].Text);
        var relay = await (await app.Viewer.GetAsync("/v1/relay")).JsonAsync(HttpStatusCode.OK);
        Assert.Equal(
            (own.Text, "relay.example.com", 4433, own.Template),
            ((string)relay["relay"]!, (string)relay["host"]!, (int)relay["port"]!, (string)relay["udpTemplate"]!));
    }

    private static readonly RelayAddress Own = RelayAddress.TryParse("relay.example.com:4433", out var own, out _) ? own : null!;

    private static async Task<AppleNode> ProfileAsync(string query, params (string, string)[] headers)
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet());
        using var answer = await app.Viewer.SendJsonAsync(HttpMethod.Get, $"/v1/apple-profile{query}", null, headers);
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.OK, Encoding.UTF8.GetString(bytes));
        Assert.Equal("application/x-apple-aspen-config", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("relay.mobileconfig", answer.Content.Headers.ContentDisposition?.FileName);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        var profile = AppleNode.OfPropertyList(bytes);
        Assert.Empty(AppleSchema.Faults(profile, AppleSchema.Profile));
        Assert.All(profile["PayloadContent"].Items, static payload =>
            Assert.Empty(AppleSchema.Faults(payload, AppleSchema.Payloads[payload["PayloadType"].Text])));
        return profile;
    }

    private static AppleNode RelayOf(AppleNode profile) => profile["PayloadContent"][0]["Relays"][0];
}
