using System.Text.Json.Nodes;
using Relay.Ctl.Tests.World;
using Relay.Testing.Fleets;

namespace Relay.Ctl.Tests;

/// <summary>Configuration for clients.</summary>
public sealed class ProfileTests : IDisposable
{
    private const string Token = "a-token-of-a-phone-0123456789";

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Token, $"Bearer {Token}")]
    [InlineData($"Bearer {Token}\n", $"Bearer {Token}")]
    [InlineData("Basic YWxpY2U6cGFzcw==", "Basic YWxpY2U6cGFzcw==")]
    public async Task Curl_HasItsOptionsInAFile(string secret, string authorization)
    {
        await using var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync);
        var run = (await Relayctl.RunWithInputAsync(
            world, secret, "profile", "curl", "--authorization-file", "-", "--relay-ca", """C:\a "b".pem""")).Done();
        Assert.Equal(
            [
                "# curl --config FILE https://example.com/", "proxy = \"https://relay.example.com:4433\"", "proxytunnel",
                """proxy-cacert = "C:\\a \"b\".pem" """.Trim(), $"proxy-header = \"Proxy-Authorization: {authorization}\"",
            ], run.Lines);
    }

    [Fact]
    public async Task Firefox_HasAProxyAutoConfigurationFile()
    {
        await using var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync);
        var run = (await Relayctl.RunAsync(world, "profile", "firefox", "--relay", "[2001:db8::1]:8443")).Done();
        Assert.Contains("return \"HTTPS [2001:db8::1]:8443\";", run.Output, StringComparison.Ordinal);
        Assert.Equal(2, (await Relayctl.RunAsync(world, "profile", "firefox", "--authorization-file", "x")).Status);
    }

    // sing-box.sagernet.org/configuration: inbound/mixed, outbound/http, shared/listen, shared/dial, shared/tls, dns/server/local.
    [Fact]
    public async Task SingBox_HasFieldsThatItDocuments()
    {
        await using var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync);
        string[] command = ["profile", "sing-box", "--authorization-file", "-", "--relay-ca", "/etc/relay.pem"];
        var json = (await Relayctl.RunWithInputAsync(world, Token, command)).Done().Json;

        Assert.Equal(["inbounds", "outbounds", "dns"], json.AsObject().Select(static field => field.Key));
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""{"type":"mixed","tag":"local","listen":"127.0.0.1","listen_port":2080}"""), json["inbounds"]![0]));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse($$"""
            {"type":"http","tag":"relay","server":"relay.example.com","server_port":4433,
             "headers":{"Proxy-Authorization":"Bearer {{Token}}"},
             "tls":{"enabled":true,"server_name":"relay.example.com","alpn":["http/1.1"],"certificate_path":"/etc/relay.pem"},
             "domain_resolver":"system"}
            """), json["outbounds"]![0]), json.ToJsonString());
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"servers":[{"type":"local","tag":"system"}]}"""), json["dns"]));

        var other = (await Relayctl.RunWithInputAsync(
            world, "Basic YWxpY2U6cGE6c3M=", [.. command, "--relay", "[2001:db8::1]"])).Done().Json;
        Assert.Equal(["inbounds", "outbounds"], other.AsObject().Select(static field => field.Key));
        var outbound = other["outbounds"]![0]!;
        Assert.Equal(
            ("2001:db8::1", 443, "alice", "pa:ss"),
            ((string)outbound["server"]!, (int)outbound["server_port"]!, (string)outbound["username"]!, (string)outbound["password"]!));
        Assert.Null(outbound["headers"]);
    }

    [Fact]
    public async Task AppleProfile_OfSettings_HasAllOfThem()
    {
        await using var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync);
        const string Settings = """{"matchFqdns":["a.example.com"],"identity":{"reference":"6E0D0B5E-4B0F-4F1C-8A52-7A1F6D0A2C11"}}""";
        var profile = (await Relayctl.RunWithInputAsync(world, Settings, "profile", "apple", "--settings", "-")).Done().Output;
        foreach (var text in (string[])["relay.example.com:4433", "MatchFQDNs", "6E0D0B5E-4B0F-4F1C-8A52-7A1F6D0A2C11"])
            Assert.Contains(text, profile, StringComparison.Ordinal);
        var declarations = (await Relayctl.RunAsync(
            world, "profile", "apple", "--settings", _folder.Write("settings", Settings), "--declarations")).Done().Json;
        Assert.Equal("com.apple.configuration.network.relay", (string)declarations["declarations"]![0]!["Type"]!);
    }

    [Theory]
    [InlineData("profile", "apple", "--settings", "-", "--name", "x")]
    [InlineData("profile", "apple", "--declarations")]
    [InlineData("profile", "curl", "--authorization-file", "-")]
    [InlineData("profile", "curl", "--authorization-file", "/nothing/there")]
    [InlineData("profile", "curl", "--relay-ca", "a\nb")]
    [InlineData("profile", "curl", "--token", "x")]
    public async Task Mistakes_EndWithTwo(params string[] arguments)
    {
        await using var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync);
        var run = await Relayctl.RunWithInputAsync(world, "Digest no", arguments);
        Assert.True(run.Status == 2, run.Error + run.Output);
    }

    [Fact]
    public async Task WrongSettings_AreNamedByField()
    {
        await using var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync);
        var run = await Relayctl.RunWithInputAsync(
            world, """{"relays":[{"http3Url":"http://a"}],"expiresAt":"soon"}""", "profile", "apple", "--settings", "-");
        Assert.Equal(1, run.Status);
        Assert.Contains("relays[0].http3Url: not https", run.Error, StringComparison.Ordinal);
        Assert.Contains("expiresAt: ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("curl")]
    [InlineData("firefox")]
    [InlineData("sing-box")]
    public async Task RelayWithALineOfItsOwn_IsWrittenNowhere(string kind)
    {
        const string Body = """{"relay":"a","host":"a\"\noutput = \"/tmp/x","port":443,"udpTemplate":"b"}""";
        await using var server = new CannedServer(
            $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");
        var run = await Relayctl.RunAsync([], default, "profile", kind, "--server", server.Address);
        Assert.Equal((1, ""), (run.Status, run.Output));
    }

    [Theory]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    [InlineData("curl")]
    [InlineData("sing-box")]
    [InlineData("apple")]
    public async Task FileWithASecret_IsItsOwnersAlone(string kind)
    {
        await using var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync);
        var path = _folder.File(kind);
        (await Relayctl.RunWithInputAsync(world, Token, "profile", kind, "--authorization-file", "-", "-o", path)).Done();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Contains(Token, await File.ReadAllTextAsync(path), StringComparison.Ordinal);
    }
}
