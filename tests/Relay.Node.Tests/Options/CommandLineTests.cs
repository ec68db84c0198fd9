using Microsoft.Extensions.Logging;
using Relay.Node.Egress;
using Relay.Node.Options;

namespace Relay.Node.Tests.Options;

public class CommandLineTests
{
    private readonly CommandLineRun _run = new();

    [Fact]
    public void Parse_OnlyWhatIsRequired_HasTheDefaults()
    {
        var config = _run.Config();
        Assert.Equal([IPEndPoint.Parse("[::]:443")], config.Addresses);
        Assert.Equal("cert.pem", config.TlsCertPath);
        Assert.Equal("key.pem", config.TlsPrivateKeyPath);
        Assert.Equal(Math.Clamp(Environment.ProcessorCount, 1, 255), config.Workers);
        Assert.Empty(config.UdpPathTemplates);
        Assert.Empty(config.AllowTargets);
        Assert.Empty(config.DenyTargets);
        Assert.Empty(config.AllowUnanswered);
        Assert.Equal(65536, config.MaxConnections);
        Assert.Equal(4096, config.MaxConnectionsPerSource);
        Assert.Equal(131072, config.MaxTunnels);
        Assert.Equal(4096, config.MaxTunnelsPerConnection);
        Assert.False(config.NoTcp);
        Assert.Equal(PacketProtectionMode.Auto, config.PacketProtection);
        Assert.Equal(TlsLibraryMode.Auto, config.TlsLibrary);
        Assert.Equal((4096, 16384, 100, 50, 100), (config.MaxTlsHandshakes, config.MaxHeaderBytes,
            config.MaxHeaderFields, config.MaxResetsPerSecond, config.MaxControlFramesPerSecond));
        Assert.Equal((64, 16, 1024, 16777216), (config.MaxRequestsPerTurn, config.MaxRequestsPerTurnPerConnection,
            config.QuicRetryThreshold, config.MaxUnacknowledgedBytes));
        Assert.Equal((10, 10), (config.HandshakeTimeout.TotalSeconds, config.RequestTimeout.TotalSeconds));
        Assert.Equal(TimeSpan.FromSeconds(600), config.ClientIdleTimeout);
        Assert.Equal(TimeSpan.FromSeconds(30), config.QuicIdleTimeout);
        Assert.Equal(TimeSpan.FromSeconds(120), config.UdpIdleTimeout);
        Assert.Equal(TimeSpan.Zero, config.TcpIdleTimeout);
        Assert.Equal(new KeepaliveConfig(60, 15, 4), config.TargetKeepalive);
        Assert.Equal(TimeSpan.FromSeconds(10), config.ConnectTimeout);
        Assert.Equal(TimeSpan.FromSeconds(30), config.UpstreamTimeout);
        Assert.Equal(TimeSpan.FromSeconds(10), config.RelayShutdownDrainTimeout);
        Assert.Equal(TimeSpan.FromSeconds(20), config.GracefulShutdownTimeout);
        Assert.Equal(LogLevel.Information, config.LogLevel);
    }

    [Fact]
    public void Parse_EveryOption_IsBound()
    {
        var config = _run.Config("--address=192.0.2.1:8443", "-a", "[2001:db8::1]:443", "--workers", "255",
            "--allow-target", "127.0.0.0/8:8000-9000", "--allow-target=[fd00::/8]:443", "--deny-target", "8.8.8.8",
            "--allow-unanswered", "192.0.2.5:514",
            "--max-connections", "11", "--max-connections-per-source", "10", "--max-tunnels", "13",
            "--max-tunnels-per-connection", "12", "--client-idle-timeout-secs", "1", "--udp-idle-timeout-secs", "121",
            "--connect-timeout-secs", "2", "--upstream-timeout-secs", "0", "--relay-shutdown-drain-timeout-secs", "3",
            "--graceful-shutdown-timeout-secs", "604800", "--quic-idle-timeout-secs", "4", "--tcp-idle-timeout-secs", "7200",
            "--target-keepalive-secs", "45", "--log-level", "OFF", "--udp-path-template", "/{target_host}/{target_port}",
            "--udp-path-template=/masque{?target_host,target_port}", "--no-tcp", "--max-tls-handshakes", "14",
            "--max-header-bytes", "1024", "--max-header-fields", "17", "--max-resets-per-sec", "15", "--max-control-frames-per-sec",
            "16", "--handshake-timeout-secs", "5", "--request-timeout-secs", "6", "--max-lookups", "20", "--max-lookups-per-source", "3",
            "--max-unanswered-datagrams", "21", "--max-unanswered-datagrams-per-sec", "22", "--max-requests-per-turn", "24",
            "--max-requests-per-turn-per-connection", "23", "--quic-retry-threshold", "0", "--max-unacknowledged-bytes", "1048576");
        Assert.Equal(["[::]:443", "192.0.2.1:8443", "[2001:db8::1]:443"], config.Addresses.Select(a => a.ToString()));
        Assert.Equal(["127.0.0.0/8:8000-9000", "[fd00::/8]:443"], config.AllowTargets.Select(r => r.ToString()));
        Assert.Equal(["192.0.2.5/32:514"], config.AllowUnanswered.Select(r => r.ToString()));
        Assert.Equal(["8.8.8.8/32"], config.DenyTargets.Select(r => r.ToString()));
        Assert.Equal(["/{target_host}/{target_port}", "/masque{?target_host,target_port}"],
            config.UdpPathTemplates.Select(template => template.ToString()));
        Assert.Equal((255, 11, 10, 13, 12), (config.Workers, config.MaxConnections, config.MaxConnectionsPerSource,
            config.MaxTunnels, config.MaxTunnelsPerConnection));
        Assert.Equal([1, 4, 121, 2, 0, 3, 604800], new[] { config.ClientIdleTimeout, config.QuicIdleTimeout,
            config.UdpIdleTimeout, config.ConnectTimeout, config.UpstreamTimeout, config.RelayShutdownDrainTimeout,
            config.GracefulShutdownTimeout }.Select(timeout => (int)timeout.TotalSeconds));
        Assert.Equal(TimeSpan.FromSeconds(7200), config.TcpIdleTimeout);
        Assert.True(config.NoTcp);
        Assert.Equal((14, 1024, 17, 15, 16), (config.MaxTlsHandshakes, config.MaxHeaderBytes, config.MaxHeaderFields,
            config.MaxResetsPerSecond, config.MaxControlFramesPerSecond));
        Assert.Equal((20, 3, 21, 22), (config.MaxLookups, config.MaxLookupsPerSource, config.MaxUnansweredDatagrams,
            config.MaxUnansweredDatagramsPerSecond));
        Assert.Equal((24, 23, 0, 1048576), (config.MaxRequestsPerTurn, config.MaxRequestsPerTurnPerConnection,
            config.QuicRetryThreshold, config.MaxUnacknowledgedBytes));
        Assert.Equal((5, 6), (config.HandshakeTimeout.TotalSeconds, config.RequestTimeout.TotalSeconds));
        Assert.Equal(new KeepaliveConfig(45, 15, 4), config.TargetKeepalive);
        Assert.Equal(LogLevel.None, config.LogLevel);
    }

    [Theory]
    [InlineData("auto", nameof(TlsLibraryMode.Auto))]
    [InlineData("gnutls", nameof(TlsLibraryMode.GnuTls))]
    [InlineData("openssl", nameof(TlsLibraryMode.OpenSsl))]
    public void Parse_TlsLibrary_IsBound(string text, string mode) =>
        Assert.Equal(mode, _run.Config("--tls-library", text).TlsLibrary.ToString());

    [Theory]
    [InlineData("auto", nameof(PacketProtectionMode.Auto))]
    [InlineData("ipsec-mb", nameof(PacketProtectionMode.IpsecMb))]
    [InlineData("library", nameof(PacketProtectionMode.Library))]
    public void Parse_PacketProtection_IsBound(string text, string mode) =>
        Assert.Equal(mode, _run.Config("--packet-protection", text).PacketProtection.ToString());

    [Fact]
    public void Parse_Version_IsFollowedByWhatTheEngineIs()
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var result = CommandLine.Parse(
            ["--version"], new Dictionary<string, string>(), File.OpenRead, output, error, null, static () => "engine: x");
        Assert.Equal((0, ""), (result.ExitCode, error.ToString()));
        Assert.Matches(@"^relay-node \S+\nengine: x\n$", output.ToString());
    }

    [Fact]
    public void Parse_KeepaliveOfZero_IsNone() =>
        Assert.Null(_run.Config("--target-keepalive-secs", "0").TargetKeepalive);

    [Fact]
    public void Parse_Nothing_NamesAllThatIsRequired() => _run.Fails(_run.Parse(),
        "--address: required: give -a, --address, RELAY_ADDRESS, or \"address\" in the file of --config",
        "--tls-cert-path: required: give --tls-cert-path, RELAY_TLS_CERT_PATH, or \"tls-cert-path\" in the file of "
            + "--config",
        "--tls-private-key-path: required: give --tls-private-key-path, RELAY_TLS_PRIVATE_KEY_PATH, or "
            + "\"tls-private-key-path\" in the file of --config");

    [Fact]
    public void Parse_ManyErrors_AreReportedTogetherWithTheirSources()
    {
        _run.With("RELAY_WORKERS", "0").With("RELAY_DENY_TARGET", "10.0.0.0/8, 10.0.0.1/8,x")
            .WithFile("relay.json", """{ "max-tunnels": "many", "connect-timeout-secs": 0.5, "colour": "red" }""");
        _run.Fails(_run.Parse("--config", "relay.json", "--tls-cert-path", "none.pem", "--tls-private-key-path",
                "key.pem", "--udp-idle-timeout-secs", "5", "--frobnicate", "stray"),
            "--frobnicate: unknown option",
            "'stray': an argument that belongs to no option",
            "key \"colour\" in relay.json: unknown key",
            "--address: required: give -a, --address, RELAY_ADDRESS, or \"address\" in the file of --config",
            "--workers (environment RELAY_WORKERS): 0 is below 1",
            "--tls-cert-path: 'none.pem' does not exist",
            "--deny-target (environment RELAY_DENY_TARGET): '10.0.0.1/8' has bits set beyond its prefix length: "
                + "did you mean 10.0.0.0/8?",
            "--deny-target (environment RELAY_DENY_TARGET): 'x' is not an IPv4 or IPv6 address",
            "--max-tunnels (key \"max-tunnels\" in relay.json): 'many' is not a whole number",
            "--udp-idle-timeout-secs: 5 is below 120 (RFC 9298 §3.1: not lower than two minutes)",
            "--connect-timeout-secs (key \"connect-timeout-secs\" in relay.json): '0.5' is not a whole number");
    }

    [Theory]
    [InlineData("--workers", "0", "0 is below 1")]
    [InlineData("--workers", "-1", "-1 is below 1")]
    [InlineData("--workers", "256", "256 is above 255")]
    [InlineData("--workers", "four", "'four' is not a whole number")]
    [InlineData("--workers", "4 ", "'4 ' is not a whole number")]
    [InlineData("--workers", "1e2", "'1e2' is not a whole number")]
    [InlineData("--workers", "99999999999999999999", "99999999999999999999 is above 255")]
    [InlineData("--max-connections", "0", "0 is below 1")]
    [InlineData("--max-tunnels", "16777217", "16777217 is above 16777216")]
    [InlineData("--udp-idle-timeout-secs", "119", "119 is below 120 (RFC 9298 §3.1: not lower than two minutes)")]
    [InlineData("--client-idle-timeout-secs", "0", "0 is below 1")]
    [InlineData("--handshake-timeout-secs", "0", "0 is below 1")]
    [InlineData("--request-timeout-secs", "0", "0 is below 1")]
    [InlineData("--max-header-bytes", "1023", "1023 is below 1024")]
    [InlineData("--max-header-bytes", "1048577", "1048577 is above 1048576")]
    [InlineData("--max-header-fields", "9", "9 is below 10")]
    [InlineData("--max-header-fields", "1001", "1001 is above 1000")]
    [InlineData("--max-resets-per-sec", "0", "0 is below 1")]
    [InlineData("--max-control-frames-per-sec", "1000001", "1000001 is above 1000000")]
    [InlineData("--max-lookups", "4097", "4097 is above 4096")]
    [InlineData("--max-lookups-per-source", "129", "129 is above --max-lookups, which is 128")]
    [InlineData("--max-unanswered-datagrams", "0", "0 is below 1")]
    [InlineData("--max-requests-per-turn", "0", "0 is below 1")]
    [InlineData("--max-requests-per-turn-per-connection", "65", "65 is above --max-requests-per-turn, which is 64")]
    [InlineData("--quic-retry-threshold", "-1", "-1 is below 0")]
    [InlineData("--max-unacknowledged-bytes", "1048575", "1048575 is below 1048576")]
    [InlineData("--max-unanswered-datagrams-per-sec", "1000001", "1000001 is above 1000000")]
    [InlineData("--quic-idle-timeout-secs", "0", "0 is below 1")]
    [InlineData("--quic-idle-timeout-secs", "604801", "604801 is above 604800")]
    [InlineData("--client-idle-timeout-secs", "604801", "604801 is above 604800")]
    [InlineData("--connect-timeout-secs", "0", "0 is below 1")]
    [InlineData("--upstream-timeout-secs", "-1", "-1 is below 0")]
    [InlineData("--tcp-idle-timeout-secs", "604801", "604801 is above 604800")]
    [InlineData("--target-keepalive-secs", "-1", "-1 is below 0")]
    [InlineData("--target-keepalive-secs", "32768", "32768 is above 32767")]
    [InlineData("--log-level", "verbose", "'verbose' is not one of trace, debug, info, warn, error, off")]
    [InlineData("--log-level", "0", "'0' is not one of trace, debug, info, warn, error, off")]
    [InlineData("--tls-library", "boringssl", "'boringssl' is not one of auto, gnutls, openssl")]
    [InlineData("--packet-protection", "gnutls", "'gnutls' is not one of auto, ipsec-mb, library")]
    [InlineData("--udp-path-template", "/{target_host}/", "'/{target_host}/' has no {target_port}")]
    [InlineData("--udp-path-template", "",
        "'' does not begin with a slash: a path is wanted, and a query if there is one")]
    [InlineData("--allow-target", "10.0.0.0/8:0", "'0' is not a port in 1–65535")]
    [InlineData("-a", "localhost:443", "'localhost:443' is not a numeric ADDR:PORT, as in 0.0.0.0:443 or [::]:443")]
    [InlineData("-a", "0.0.0.0", "'0.0.0.0' has no port in 0–65535")]
    [InlineData("-a", "0.0.0.0:65536", "'0.0.0.0:65536' has no port in 0–65535")]
    [InlineData("-a", "0.0.0.0:+1", "'0.0.0.0:+1' has no port in 0–65535")]
    [InlineData("-a", "127.1:443", "'127.1:443' is not a numeric ADDR:PORT, as in 0.0.0.0:443 or [::]:443")]
    [InlineData("-a", "443", "'443' is not a numeric ADDR:PORT, as in 0.0.0.0:443 or [::]:443")]
    [InlineData("-a", ":443", "':443' is not a numeric ADDR:PORT, as in 0.0.0.0:443 or [::]:443")]
    [InlineData("-a", "::1:443", "'::1:443': an IPv6 address needs brackets and a port, as in [::1]:443")]
    [InlineData("-a", "[127.1]:443", "'[127.1]:443' is not a numeric ADDR:PORT, as in 0.0.0.0:443 or [::]:443")]
    [InlineData("-a", "[::ffff:192.0.2.1]:443", "'[::ffff:192.0.2.1]:443' is IPv4 in disguise: write 192.0.2.1:443")]
    [InlineData("-a", "224.0.0.1:443", "'224.0.0.1:443' is not an address of one machine")]
    [InlineData("-a", "255.255.255.255:443", "'255.255.255.255:443' is not an address of one machine")]
    [InlineData("-a", "[ff02::1]:443", "'[ff02::1]:443' is not an address of one machine")]
    [InlineData("-a", "[0::0]:443", "'[::]:443' is given twice")]
    public void Parse_BadValue_SaysWhy(string option, string value, string message) =>
        _run.Fails([option, value], $"{(option == "-a" ? "--address" : option)}: {message}");

    [Theory]
    [InlineData(new[] { "--worker", "3" }, new[] { "--worker: unknown option: did you mean --workers?",
        "'3': an argument that belongs to no option" })]
    [InlineData(new[] { "-x" }, new[] { "-x: unknown option" })]
    [InlineData(new[] { "-hx" }, new[] { "-hx: unknown option" })]
    [InlineData(new[] { "@options" }, new[] { "'@options': an argument that belongs to no option" })]
    [InlineData(new[] { "--workers" }, new[] { "--workers: a value is missing" })]
    [InlineData(new[] { "--workers", "--check-config" },
        new[] { "--workers: a value is missing: --check-config follows" })]
    [InlineData(new[] { "--workers", "1", "--workers", "2" },
        new[] { "--workers: given 2 times, but takes one value" })]
    [InlineData(new[] { "--log-level", "" }, new[] { "--log-level: empty" })]
    [InlineData(new[] { "--check-config", "maybe" }, new[] { "'maybe': an argument that belongs to no option" })]
    [InlineData(new[] { "--allow-target", "10.0.0.0/8", "11.0.0.0/8" },
        new[] { "'11.0.0.0/8': an argument that belongs to no option" })]
    [InlineData(new[] { "--a\nb" }, new[] { "--a?b: unknown option" })]
    public void Parse_BadSyntax_NamesTheArgument(string[] arguments, string[] lines) => _run.Fails(arguments, lines);

    [Fact]
    public void Parse_LimitAboveItsWhole_IsAnError() => _run.Fails(
        ["--max-tunnels-per-connection", "200000", "--max-connections-per-source", "11", "--max-connections", "10"],
        "--max-connections-per-source: 11 is above --max-connections, which is 10",
        "--max-tunnels-per-connection: 200000 is above --max-tunnels, which is 131072");

    [Fact]
    public void Parse_DefaultLimitAboveItsWhole_GivesWay()
    {
        var config = _run.Config("--max-tunnels", "100", "--max-connections", "10");
        Assert.Equal((10, 100), (config.MaxConnectionsPerSource, config.MaxTunnelsPerConnection));
    }

    [Fact]
    public void Parse_SameAddressFromTheEnvironmentTwice_IsAnError()
    {
        _run.With("RELAY_ADDRESS", "0.0.0.0:443,[::]:443,0.0.0.0:443");
        _run.Fails(_run.Parse("--tls-cert-path", "cert.pem", "--tls-private-key-path", "key.pem"),
            "--address (environment RELAY_ADDRESS): '0.0.0.0:443' is given twice");
    }

    [Fact]
    public void Parse_UnreadableTlsFiles_SayWhy()
    {
        _run.WithBrokenFile("cert.pem", new UnauthorizedAccessException())
            .WithBrokenFile("key.pem", new IOException("input/output error"));
        _run.Fails([],
            "--tls-cert-path: 'cert.pem' cannot be read: permission denied, or it is a directory",
            "--tls-private-key-path: 'key.pem' cannot be read: input/output error");
    }

    [Fact]
    public void Parse_CheckConfig_SaysOkAndExits()
    {
        var result = _run.ParseMore("--check-config");
        Assert.False(result.TryGetConfig(out _));
        Assert.Equal(0, result.ExitCode);
        Assert.Equal("configuration ok" + Environment.NewLine, _run.Output);
        Assert.Empty(_run.Errors);
    }

    [Fact]
    public void Parse_CheckConfigOfAWrongOne_Fails() =>
        _run.Fails(["--check-config", "--workers", "0"], "--workers: 0 is below 1");

    [Fact]
    public void Parse_RealFiles()
    {
        string path = Path.GetTempFileName();
        try
        {
            var result = CommandLine.Parse(
                ["-a", "[::1]:443", "--tls-cert-path", path, "--tls-private-key-path", path]);
            Assert.True(result.TryGetConfig(out var config));
            Assert.Equal(path, config.TlsCertPath);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Parse_DirectoryInPlaceOfAFile_IsAnError()
    {
        string directory = Path.GetTempPath();
        using var error = new StringWriter();
        var result = CommandLine.Parse(["-a", "[::1]:443", "--tls-cert-path", directory, "--tls-private-key-path",
            directory + "none/none"], new Dictionary<string, string>(), File.OpenRead, TextWriter.Null, error);
        Assert.Equal(2, result.ExitCode);
        Assert.Equal([$"relay-node: --tls-cert-path: '{directory}' cannot be read: permission denied, or it is a "
            + "directory", $"relay-node: --tls-private-key-path: '{directory}none/none' does not exist"],
            error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }
}
