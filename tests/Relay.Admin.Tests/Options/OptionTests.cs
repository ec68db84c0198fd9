using Microsoft.Extensions.Logging;
using Relay.Admin.Hosting;
using Relay.Admin.Options;
using Relay.Hosting.Logging;

namespace Relay.Admin.Tests.Options;

/// <summary>The options of relay-admin.</summary>
public sealed class OptionTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Parse_Nothing_IsAFleetInMemoryOnLoopback()
    {
        var config = Parse().Config!;
        Assert.False(config.Fleet.IsSilo);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 8480), config.Admin.Address);
        Assert.Null(config.Admin.TokenFile);
        Assert.Equal("relayfleet", config.Fleet.Silo.ClusterId);
        Assert.Equal(LogLevel.Information, config.LogLevel);
    }

    [Fact]
    public void Parse_ManyErrors_AreReportedTogether()
    {
        var (config, errors, status) = Parse(
            "--fleet", "galactic", "--redis", "localhost", "--cluster-id", "a b", "--admin-address", "localhost:8480",
            "--admin-token-file", _folder.File("nothing"), "--tls-cert-path", _folder.File("cert"),
            "--log-level", "loud", "--log-format", "xml", "--colour", "extra");
        Assert.Null(config);
        Assert.Equal(2, status);
        Assert.All(errors, static line => Assert.StartsWith("relay-admin: ", line, StringComparison.Ordinal));
        foreach (var option in (string[])
        [
            "--fleet", "--redis", "--cluster-id", "--admin-address", "--admin-token-file", "--tls-cert-path",
            "--tls-private-key-path", "--log-level", "--log-format", "--colour", "'extra'",
        ])
            Assert.Contains(errors, line => line.StartsWith($"relay-admin: {option}", StringComparison.Ordinal));
    }

    [Fact]
    public void Parse_KubernetesAccount_IsOfACluster()
    {
        var tokens = _folder.Write("tokens", $"otto:operator:sha256${new string('0', 64)}\n");
        string[] Given(params string[] more) => ["--admin-token-file", tokens, .. more];
        Assert.Contains(
            "KUBERNETES_SERVICE_HOST is not set", Assert.Single(Parse(Given("--kubernetes-account", "relayfleet:relay-node")).Errors),
            StringComparison.Ordinal);
        Assert.Contains(
            Parse(Given("--kubernetes-account", "relayfleet:relay-node", "--kubernetes-account", "relay-node")).Errors,
            static line => line.Contains("'relay-node' is not NAMESPACE:NAME", StringComparison.Ordinal));
        Assert.Contains(
            "needs --kubernetes-account", Assert.Single(Parse(Given("--kubernetes-audience", "relayfleet")).Errors), StringComparison.Ordinal);
        Assert.Contains(
            Parse("--kubernetes-account", "relayfleet:relay-node").Errors, static line => line.Contains("needs --admin-token-file", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("10.96.0.1", "443", "https://10.96.0.1/")]
    [InlineData("fd00::1", "6443", "https://[fd00::1]:6443/")]
    [InlineData("kubernetes.default.svc", "443", "https://kubernetes.default.svc/")]
    [InlineData("kubernetes default", "443", null)]
    [InlineData("10.96.0.1", "0", null)]
    [InlineData("10.96.0.1", null, null)]
    public void ServerOf_WhatAPodIsTold_IsAnAddressOrAName(string host, string? port, string? expected) =>
        Assert.Equal(expected, ProgramConfigReader.ServerOf(host, port)?.AbsoluteUri);

    [Fact]
    public void Parse_State_IsOfALocalFleet()
    {
        Assert.Equal("/var/lib/relay-admin", Parse("--state", "/var/lib/relay-admin").Config!.Fleet.State);
        Assert.Equal(
            "relay-admin: --state: needs --fleet local",
            Assert.Single(Parse("--fleet", "silo", "--state", "/var/lib/relay-admin").Errors));
    }

    [Fact]
    public void Parse_Times_AreSecondsThatFitEachOther()
    {
        var timings = Parse(
            "--lease-time-secs", "90", "--node-timeout-secs", "20", "--quarantine-secs", "0", "--lame-time-secs", "9")
            .Config!.Fleet.Silo.Timings;
        Assert.Equal((90, 20, 0, 9), (
            timings.LeaseTime.TotalSeconds, timings.NodeTimeout.TotalSeconds, timings.Quarantine.TotalSeconds,
            timings.LameTime.TotalSeconds));
        Assert.Contains("a lease leaves its holder less", Assert.Single(Parse("--lease-time-secs", "21").Errors),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "relay-admin: --node-timeout-secs: 'soon'", Assert.Single(Parse("--node-timeout-secs", "soon").Errors),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.0.0.0:8480")]
    [InlineData("[::]:8480")]
    [InlineData("192.0.2.1:8480")]
    [InlineData("[192.0.2.1]:8480")]
    public void Parse_OtherThanLoopback_NeedsTokens(string address)
    {
        var (config, errors, _) = Parse("--admin-address", address);
        Assert.Null(config);
        Assert.Contains("--admin-token-file", Assert.Single(errors), StringComparison.Ordinal);
        var tokens = _folder.Write("tokens", $"otto:operator:sha256${new string('0', 64)}\n");
        Assert.Equal(
            IPEndPoint.Parse(address.Replace("[192.0.2.1]", "192.0.2.1", StringComparison.Ordinal)),
            Parse("--admin-address", address, "--admin-token-file", tokens).Config!.Admin.Address);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.1:8480")]
    [InlineData("::1:8480")]
    [InlineData("localhost:8480")]
    [InlineData("")]
    public void Parse_NotAnAddress_IsAnError(string text)
    {
        var (config, errors, _) = Parse("--admin-address", text);
        Assert.Null(config);
        Assert.StartsWith("relay-admin: --admin-address: ", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_Places_HaveTheirRank()
    {
        var file = _folder.Write("config.json", """
            { "log-level": "debug", "cluster-id": "of-the-file", "log-format": "json", /* comment */ }
            """);
        var environment = new Dictionary<string, string>
        {
            ["RELAY_CONFIG"] = file,
            ["RELAY_LOG_LEVEL"] = "warn",
            ["RELAY_CLUSTER_ID"] = "of-the-environment",
            ["RELAY_SERVICE_HOST"] = "10.0.0.1",
            ["RELAY_REDIS"] = "",
        };
        var config = Parse(["--cluster-id", "of-the-line"], environment).Config!;
        Assert.Equal("of-the-line", config.Fleet.Silo.ClusterId);
        Assert.Equal(LogLevel.Warning, config.LogLevel);
        Assert.Equal(LogFormat.Json, config.LogFormat);
    }

    [Theory]
    [InlineData("[]", "not a JSON object")]
    [InlineData("{", "not JSON, line 1")]
    [InlineData("{\"loglevel\": \"info\"}", "key \"loglevel\"")]
    [InlineData("{\"log-level\": true}", "expected a string")]
    [InlineData("{\"log-level\": \"info\", \"log-level\": \"warn\"}", "given more than once")]
    [InlineData("{\"config\": \"other\"}", "cannot be given in the file")]
    public void Parse_BadFile_IsAnError(string content, string error)
    {
        var (config, errors, _) = Parse("--config", _folder.Write("config.json", content));
        Assert.Null(config);
        Assert.Contains(error, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_GivenTwiceOrWithoutValue_IsAnError()
    {
        Assert.Contains("given 2 times", Assert.Single(Parse("--cluster-id", "a", "--cluster-id", "b").Errors));
        Assert.Contains("a value is missing", Assert.Single(Parse("--cluster-id").Errors));
        Assert.Contains(
            Parse("--cluster-id", "--log-level", "info").Errors,
            static line =>
                line.Contains("--cluster-id: a value is missing: --log-level follows", StringComparison.Ordinal));
    }

    [Fact]
    public void Parse_Times_AreTheFleets()
    {
        var times = Parse(
            "--node-timeout-secs", "600", "--lease-time-secs", "900", "--quarantine-secs", "1200", "--lame-time-secs",
            "0")
            .Config!.Fleet.Silo.Timings;
        Assert.Equal(
            (600, 900, 1200, 0),
            (times.NodeTimeout.TotalSeconds, times.LeaseTime.TotalSeconds, times.Quarantine.TotalSeconds,
                times.LameTime.TotalSeconds));
    }

    [Theory]
    [InlineData("--node-timeout-secs", "2", "below three report intervals")]
    [InlineData("--lease-time-secs", "21", "less than three report intervals")]
    [InlineData("--lease-time-secs", "-1", "-1 is below 0")]
    [InlineData("--quarantine-secs", "86401", "86401 is above 86400")]
    [InlineData("--lame-time-secs", "soon", "'soon' is not a whole number")]
    public void Parse_TimesThatDoNotFit_AreErrors(string option, string value, string error)
    {
        var (config, errors, _) = Parse(option, value);
        Assert.Null(config);
        Assert.Contains(errors,
            line => line.Contains(option, StringComparison.Ordinal) && line.Contains(error, StringComparison.Ordinal));
    }

    [Fact]
    public void Parse_Pools_AreRead()
    {
        var path = _folder.Write("pools.json", """
            [
              { "name": "exit-v4", "prefix": "198.51.100.0/24", "blockLength": 28 },
              { "name": "exit-v6", "prefix": "2001:db8::/40", "blockLength": 56 }, // the last
            ]
            """);
        Assert.Equal(
            ["exit-v4", "exit-v6"], Parse("--prefix-pools", path).Config!.Fleet.Pools.Select(static pool => pool.Name));
    }

    [Fact]
    public void Parse_BadPools_EachIsNamed()
    {
        var path = _folder.Write("pools.json", """
            [
              { "name": "A", "prefix": "198.51.100.1/24", "size": 3 },
              { "name": "b", "prefix": "198.51.100.0/24", "blockLength": 28 },
              { "name": "b", "prefix": "198.51.100.0/25", "blockLength": 28 },
              7
            ]
            """);
        var errors = string.Join('\n', Parse("--prefix-pools", path).Errors);
        foreach (var wanted in (string[])
        [
            "pool 1: blockLength: required", "pool 1: name: not 1 to 63", "pool 1: prefix: an address prefix",
            "pool 1: size: unknown",
            "pool 3: the name b is there twice", "pool 3: 198.51.100.0/25 overlaps", "pool 4: a JSON object is wanted",
        ])
            Assert.Contains(wanted, errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_HelpVersionAndCheck_SaySoAndEnd()
    {
        using var output = new StringWriter();
        foreach (var argument in (string[])["--help", "-h", "--version", "--check-config"])
        {
            Assert.Null(Program.Parse(
                [argument], new Dictionary<string, string>(), output, TextWriter.Null, out var status));
            Assert.Equal(0, status);
        }
        var text = output.ToString();
        Assert.All(AdminOptions.Program.All, option => Assert.Contains($"{option.Name} ", text, StringComparison.Ordinal));
        Assert.Contains("relay-admin 0.", text, StringComparison.Ordinal);
        Assert.Contains("configuration ok", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n'), static line => Assert.InRange(line.TrimEnd().Length, 0, 120));
    }

    private static (ProgramConfig? Config, string[] Errors, int Status) Parse(params string[] arguments) =>
        Parse(arguments, null);

    private static (ProgramConfig? Config, string[] Errors, int Status) Parse(
        string[] arguments, Dictionary<string, string>? environment)
    {
        using var error = new StringWriter();
        var config = Program.Parse(arguments, environment ?? [], TextWriter.Null, error, out var status);
        return (config, error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries), status);
    }
}
