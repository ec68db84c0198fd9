using System.Text;
using Microsoft.Extensions.Logging;
using Relay.Node.Options;

namespace Relay.Node.Tests.Options;

public class PrecedenceTests
{
    private const string File = """
        {
          // what this site has
          "address": ["192.0.2.1:443", "[2001:db8::1]:443"],
          "tls-cert-path": "cert.pem",
          "tls-private-key-path": "key.pem",
          "workers": 3,
          "max-tunnels": "5000",
          "allow-target": "10.0.0.0/8",
          "log-level": "warn",
        }
        """;

    private readonly CommandLineRun _run = new CommandLineRun().WithFile("relay.json", File);

    [Fact]
    public void File_Alone_IsEnough()
    {
        var config = _run.Config(_run.Parse("--config", "relay.json"));
        Assert.Equal(["192.0.2.1:443", "[2001:db8::1]:443"], config.Addresses.Select(a => a.ToString()));
        Assert.Equal((3, 5000), (config.Workers, config.MaxTunnels));
        Assert.Equal(["10.0.0.0/8"], config.AllowTargets.Select(r => r.ToString()));
        Assert.Equal(LogLevel.Warning, config.LogLevel);
    }

    [Fact]
    public void Environment_Alone_IsEnough()
    {
        _run.With("RELAY_ADDRESS", "192.0.2.9:443, [::1]:443").With("RELAY_TLS_CERT_PATH", "cert.pem")
            .With("RELAY_TLS_PRIVATE_KEY_PATH", "key.pem").With("RELAY_LOG_LEVEL", "debug")
            .With("RELAY_WORKERS", "").With("RELAY_SERVICE_HOST", "10.0.0.1");
        var config = _run.Config(_run.Parse());
        Assert.Equal(["192.0.2.9:443", "[::1]:443"], config.Addresses.Select(a => a.ToString()));
        Assert.Equal(LogLevel.Debug, config.LogLevel);
    }

    [Fact]
    public void EachSource_WinsOverTheNext()
    {
        _run.With("RELAY_CONFIG", "relay.json").With("RELAY_WORKERS", "4").With("RELAY_MAX_TUNNELS", "6000")
            .With("RELAY_ALLOW_TARGET", "172.16.0.0/12,192.168.0.0/16");
        var config = _run.Config(_run.Parse("--workers", "5", "-a", "[::1]:443"));
        Assert.Equal(["[::1]:443"], config.Addresses.Select(a => a.ToString())); // replaced, not mixed
        Assert.Equal(5, config.Workers);
        Assert.Equal(6000, config.MaxTunnels);
        Assert.Equal(["172.16.0.0/12", "192.168.0.0/16"], config.AllowTargets.Select(r => r.ToString()));
        Assert.Equal(LogLevel.Warning, config.LogLevel);
    }

    [Fact]
    public void Templates_InEachSource_KeepTheirCommas()
    {
        const string Query = "/masque{?target_host,target_port}";
        const string Path = "/{target_host}/{target_port}";
        _run.WithFile("t.json", $$"""{ "udp-path-template": ["{{Query}}", "{{Path}}"] }""");
        Assert.Equal([Query, Path], Texts(_run.Config("--config", "t.json")));
        _run.With("RELAY_UDP_PATH_TEMPLATE", $"{Path}, {Query},,/{{target_host,target_port}}");
        Assert.Equal([Path, Query, "/{target_host,target_port}"], Texts(_run.Config("--config", "t.json")));
        _run.With("RELAY_UDP_PATH_TEMPLATE", $"{Query}, /{{target_host,x");
        _run.Fails([],
            "--udp-path-template (environment RELAY_UDP_PATH_TEMPLATE): '/{target_host' has a brace that is not closed",
            "--udp-path-template (environment RELAY_UDP_PATH_TEMPLATE): 'x' does not begin with a slash: a path is wanted, "
                + "and a query if there is one");

        static IEnumerable<string> Texts(NodeConfig config) =>
            config.UdpPathTemplates.Select(static template => template.ToString());
    }

    [Fact]
    public void BadValue_ThatIsOverridden_DoesNotMatter()
    {
        _run.With("RELAY_WORKERS", "none");
        Assert.Equal(5, _run.Config("--workers", "5").Workers);
    }

    [Fact]
    public void Config_OnTheCommandLine_WinsOverTheEnvironment()
    {
        _run.With("RELAY_CONFIG", "missing.json");
        Assert.Equal(3, _run.Config(_run.Parse("--config", "relay.json")).Workers);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("1", true)]
    [InlineData("false", false)]
    [InlineData("0", false)]
    public void Flag_InTheEnvironment(string value, bool isSet)
    {
        var result = _run.With("RELAY_CHECK_CONFIG", value).ParseMore();
        Assert.Equal(!isSet, result.TryGetConfig(out _));
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public void Flag_OnTheCommandLine_WinsOverTheEnvironment()
    {
        _run.With("RELAY_CHECK_CONFIG", "true");
        _run.Config("--check-config=false");
    }

    [Fact]
    public void Flag_InTheFile_Works()
    {
        var result = _run.WithFile("check.json", """{ "check-config": true }""").ParseMore("--config", "check.json");
        Assert.False(result.TryGetConfig(out _));
        Assert.Equal((0, "configuration ok"), (result.ExitCode, _run.Output.Trim()));
    }

    [Fact]
    public void Flag_ThatIsNeither_IsAnError() => _run.With("RELAY_CHECK_CONFIG", "yes").Fails([],
        "--check-config (environment RELAY_CHECK_CONFIG): 'yes' is not true or false");

    [Theory]
    [InlineData("""{ "worker": 3 }""", "key \"worker\" in f.json: unknown key: did you mean workers?")]
    [InlineData("""{ "Workers": 3 }""", "key \"Workers\" in f.json: unknown key: did you mean workers?")]
    [InlineData("""{ "--workers": 3 }""", "key \"--workers\" in f.json: unknown key: did you mean workers?")]
    [InlineData("""{ "config": "g.json" }""", "key \"config\" in f.json: cannot be given in the file")]
    [InlineData("""{ "help": true }""", "key \"help\" in f.json: cannot be given in the file")]
    [InlineData("""{ "workers": 3, "workers": 4 }""", "key \"workers\" in f.json: given more than once")]
    [InlineData("""{ "workers": [3] }""", "key \"workers\" in f.json: expected a string or a number")]
    [InlineData("""{ "workers": null }""", "key \"workers\" in f.json: expected a string or a number")]
    [InlineData("""{ "deny-target": [1] }""", "key \"deny-target\" in f.json: expected an array of strings")]
    [InlineData("""{ "deny-target": {} }""", "key \"deny-target\" in f.json: expected an array of strings")]
    [InlineData("""{ "check-config": "true" }""", "key \"check-config\" in f.json: expected true or false")]
    [InlineData("""{ "workers": 1e1 }""", "--workers (key \"workers\" in f.json): '1e1' is not a whole number")]
    [InlineData("""[]""", "f.json: not a JSON object")]
    [InlineData("""{ "tls-cert-path": "\ud800" }""", "f.json: a text is not Unicode")]
    [InlineData("""{ "\udc00": 1 }""", "f.json: a text is not Unicode")]
    [InlineData("", "f.json: not JSON, line 1 byte 1")]
    [InlineData("{\n  \"workers\": }", "f.json: not JSON, line 2 byte 14")]
    public void File_Bad_SaysWhere(string content, string line) =>
        _run.WithFile("f.json", content).Fails(["--config", "f.json"], line);

    [Fact]
    public void File_ManyErrors_AreReportedTogether() => _run
        .WithFile("f.json", """{ "a": 1, "workers": 0, "b": 2, "deny-target": ["x", "10.0.0.0/8", "y"] }""")
        .Fails(["--config", "f.json"],
            "key \"a\" in f.json: unknown key",
            "key \"b\" in f.json: unknown key",
            "--workers (key \"workers\" in f.json): 0 is below 1",
            "--deny-target (key \"deny-target\" in f.json): 'x' is not an IPv4 or IPv6 address",
            "--deny-target (key \"deny-target\" in f.json): 'y' is not an IPv4 or IPv6 address");

    [Fact]
    public void File_Unreadable_IsTheOnlyErrorOfWhatItMayHold()
    {
        _run.Fails(_run.With("RELAY_CONFIG", "missing.json").Parse("--workers", "0"),
            "--config (environment RELAY_CONFIG): 'missing.json' does not exist",
            "--workers: 0 is below 1");
    }

    [Fact]
    public void File_ByteOrderMark_IsSkipped() => Assert.Equal(7, _run
        .WithFile("f.json", [.. Encoding.UTF8.Preamble, .. """{ "workers": 7 }"""u8])
        .Config("--config", "f.json").Workers);

    [Fact]
    public void File_TooLarge_IsRefused() => _run.WithFile("f.json", new string(' ', (1 << 20) + 1))
        .Fails(["--config", "f.json"], "f.json: larger than 1048576 bytes");

    [Fact]
    public void File_EmptyList_IsNotGiven() => _run.WithFile("f.json", """{ "address": [] }""").Fails(
        _run.Parse("--config", "f.json", "--tls-cert-path", "cert.pem", "--tls-private-key-path", "key.pem"),
        "--address: required: give -a, --address, RELAY_ADDRESS, or \"address\" in the file of --config");
}
