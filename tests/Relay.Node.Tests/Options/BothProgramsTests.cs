using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Relay.Fleet.Contract;
using Relay.Hosting.Fleet;
using Relay.Testing.Certificates;

namespace Relay.Node.Tests.Options;

/// <summary>What relay-node and relay-admin both read means the same to both: what one refuses, the other does.</summary>
public sealed class BothProgramsTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<bool, string, string, string> Refused()
    {
        var rows = new TheoryData<bool, string, string, string>();
        foreach (var isNode in (bool[])[true, false])
        {
            rows.Add(isNode, "--cluster-id", "my_cluster", "--cluster-id: 'my_cluster' is not a name of 1 to 63");
            rows.Add(isNode, "--cluster-id", "Edge", "--cluster-id: 'Edge' is not a name of 1 to 63");
            rows.Add(isNode, "--cluster-id", "-edge", "--cluster-id: '-edge' is not a name of 1 to 63");
            rows.Add(isNode, "--lease-time-secs", "100000", "--lease-time-secs: 100000 is above 86400");
            rows.Add(isNode, "--lease-time-secs", "21", "--lease-time-secs: a lease leaves its holder less");
            rows.Add(isNode, "--quarantine-secs", "-1", "--quarantine-secs: -1 is below 0");
            rows.Add(isNode, "--node-timeout-secs", "soon", "--node-timeout-secs: 'soon' is not a whole number");
            rows.Add(isNode, "--admin-address", "[::ffff:127.0.0.1]:8480", "--admin-address: '[::ffff:127.0.0.1]:8480' is IPv4");
            rows.Add(isNode, "--admin-address", "224.0.0.1:8480", "--admin-address: '224.0.0.1:8480' is not an address of");
            rows.Add(isNode, "--admin-address", "192.0.2.7:8480", "--admin-address: '192.0.2.7:8480' is not loopback");
            rows.Add(isNode, "--silo-address", "0.0.0.0:1", "--silo-address: '0.0.0.0:1' is not one address that");
            rows.Add(isNode, "--redis", "127.0.0.1:6379", "--redis: needs --silo-address");
            rows.Add(isNode, "--redis-password-file", "/dev/null", "--redis-password-file: '/dev/null': there is no password in it");
            rows.Add(isNode, "--redis-password-file", "/dev/null", "--redis-password-file: needs --redis");
            rows.Add(isNode, "--redis-password-file", "/nonexistent", "--redis-password-file: '/nonexistent'");
            rows.Add(isNode, "--silo-tls-cert-path", "/dev/null", "--silo-tls-private-key-path: required with the other files");
            rows.Add(isNode, "--silo-tls-cert-path", "/dev/null", "--silo-tls-ca-path: required with the other files");
            rows.Add(isNode, "--redis-ca", "/dev/null", "--redis-ca /dev/null: there is no certificate");
            rows.Add(isNode, "--redis-ca", "/dev/null", "--redis-ca: has no effect without ssl=true in --redis");
            rows.Add(isNode, "--public-relay", "http://a.b", "--public-relay: 'http://a.b': not https");
            rows.Add(isNode, "--public-url", "http://a.b", "--public-url: 'http://a.b': not https");
            rows.Add(isNode, "--public-url", "https://a.b?c", "--public-url: 'https://a.b?c': more than a scheme, host, port and path");
            rows.Add(isNode, "--public-url", "a.b", "--public-url: 'a.b': not an https URL");
            rows.Add(isNode, "--public-url", "https://a.b", "--public-url: has no effect without --enrol-address");
            rows.Add(isNode, "--enrol-address", "192.0.2.7:8443", "--public-url: required with --enrol-address");
            rows.Add(isNode, "--enrol-address", "127.0.0.1:8443", "--public-relay: required with --enrol-address");
            rows.Add(isNode, "--enrol-tls-cert-path", "/dev/null", "--enrol-tls-private-key-path: required with the other file");
            rows.Add(isNode, "--profile-signing-cert", "/dev/null", "--profile-signing-key: required with the other file");
            rows.Add(isNode, "--log-level", "loud", "--log-level: 'loud' is not one of trace, debug, info, warn");
            rows.Add(isNode, "--log-format", "xml", "--log-format: 'xml' is not one of text, json");
            rows.Add(isNode, "--log-levle", "info", "--log-levle: unknown option: did you mean --log-level?");
        }
        return rows;
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("eu-1.example", true)]
    [InlineData("a..b", false)]
    [InlineData("-a", false)]
    [InlineData("a-", false)]
    [InlineData(".a", false)]
    [InlineData("A", false)]
    [InlineData("", false)]
    public void ANodesName_IsOneToOptionsAsToTheFleet(string name, bool isOne)
    {
        Assert.Equal(isOne, Names.IsNode(name));
        Assert.Equal(isOne, FleetName.TryParse(name, out _, out _));
        Assert.Equal(isOne && !name.Contains('.'), Names.IsPool(name));
        Assert.Equal(isOne && !name.Contains('.'), FleetName.TryParsePool(name, out _, out _));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void AWrongValue_IsRefusedInTheSameWords(bool isNode, string option, string value, string message) =>
        Assert.Contains(
            Errors(isNode, option, value), line => line.StartsWith(message, StringComparison.Ordinal));

    [Theory]
    [InlineData(true, "--admin-address", "127.0.0.1:0")]
    [InlineData(false, "--admin-address", "127.0.0.1:0")]
    [InlineData(true, "--admin-address", "[0::1]:8480")]
    [InlineData(false, "--admin-address", "[0::1]:8480")]
    [InlineData(true, "--metrics-address", "127.0.0.1:0")]
    [InlineData(true, "--silo-address", "127.0.0.1:0")]
    [InlineData(false, "--silo-address", "127.0.0.1:0")]
    [InlineData(true, "--cluster-id", "edge.eu-1")]
    [InlineData(false, "--cluster-id", "edge.eu-1")]
    // How long a node may take to return, and to be forgotten, follows.
    [InlineData(true, "--node-timeout-secs", "600", "--lease-time-secs", "900")]
    [InlineData(false, "--node-timeout-secs", "600", "--lease-time-secs", "900")]
    public void ARightValue_IsTaken(bool isNode, params string[] arguments) =>
        Assert.Empty(Errors(isNode, arguments));

    public static TheoryData<bool, string, string> BadPools()
    {
        var rows = new TheoryData<bool, string, string>();
        foreach (var isNode in (bool[])[true, false])
        {
            void Add(string pools, string message) => rows.Add(isNode, pools, message);
            Add("""[{ "name": "V6", "prefix": "2001:db8::/40", "blockLength": 60 }]""", "pool 1: name: not 1 to 63 of");
            Add("""[{ "name": 6, "prefix": "2001:db8::/40", "blockLength": 60 }]""", "pool 1: name: a text is wanted");
            Add("""[{ "prefix": "2001:db8::/40", "blockLength": 60 }]""", "pool 1: name: required");
            Add("""[{ "name": "v6", "prefix": "2001:db8::/40", "blockLength": 20 }]""", "pool 1: blockLength: a block of /20 is larger than");
            Add("""[{ "name": "v6", "prefix": "2001:db8::/40", "blockLength": 64 }]""", "pool 1: blockLength: blocks of /64 are more than 2^20");
            Add("""[{ "name": "v6", "prefix": "2001:db8::/40", "blockLength": "60" }]""", "pool 1: blockLength: a whole number is wanted");
            Add("""[{ "name": "v6", "prefix": "2001:db8::/40", "blockLength": 60, "version": "1" }]""", "pool 1: version: unknown field");
            Add("""[{ "name": "v6", "prefix": "2001:db8::/44", "blockLength": 64, "lenght": 1 }]""", "pool 1: lenght: unknown field");
            Add("""[{ "name": "v6", "name": "v6", "prefix": "2001:db8::/44", "blockLength": 64 }]""", "pool 1: name: given more than once");
            Add("""[{ "name": "v6", "prefix": "2001:db8::1/44", "blockLength": 64 }]""", "pool 1: prefix: an address prefix is wanted");
            Add("""[{ "name": "v6", "prefix": "::/0", "blockLength": 20 }]""", "pool 1: prefix: an address prefix longer than /0");
            Add("""[{ "name": "v6", "blockLength": 64 }]""", "pool 1: prefix: required");
            Add("""[{ "name": "v6", "prefix": "2001:db8::/44" }]""", "pool 1: blockLength: required");
            Add("""[{ "name": "v6", "prefix": "2001:db8::/44", "blockLength": 64 }, { "name": "b", "prefix": "2001:db8::/48", "blockLength": 64 }]""", "pool 2: 2001:db8::/48 overlaps 2001:db8::/44 of v6");
            Add("""[{ "name": "v6", "prefix": "2001:db8::/44", "blockLength": 64 }, { "name": "v6", "prefix": "2001:db9::/44", "blockLength": 60 }]""", "pool 2: the name v6 is there twice");
            Add("[7]", "pool 1: a JSON object is wanted");
            Add("""[{ "name": "v4", "prefix": "0.0.0.0/0", "blockLength": 20 }]""", "pool 1: prefix: an address prefix longer than /0");
            Add("""[{ "name": "v4", "prefix": "192.0.2.0/24", "blockLength": 2.5 }]""", "pool 1: blockLength: a whole number is wanted");
            Add("""[{ "name": "\ud800", "prefix": "2001:db8::/44", "blockLength": 64 }]""", "a text is not Unicode");
            Add("null", "not a JSON array");
            Add("", "not JSON, line 1");
        }
        return rows;
    }

    [Theory]
    [MemberData(nameof(BadPools))]
    public void ABadPoolsFile_IsRefusedInTheSameWords(bool isNode, string pools, string message)
    {
        var path = _folder.Write("pools.json", pools);
        Assert.StartsWith(
            $"--prefix-pools: '{path}': {message}", Assert.Single(Errors(isNode, "--prefix-pools", path)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void APoolsFile_MayHaveCommentsAndTrailingCommas(bool isNode)
    {
        var path = _folder.Write("pools.json", """
            // Our prefixes.
            [
              { "name": "v6", "prefix": "2001:db8::/44", "blockLength": 64 },
              { "name": "v4", "prefix": "198.51.100.0/24", "blockLength": 28 },
            ]
            """);
        Assert.Empty(Errors(isNode, "--prefix-pools", path));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ABadTokenFile_IsRefusedInTheSameWords(bool isNode)
    {
        var path = _folder.Write("tokens", "otto:king:x\n");
        Assert.Equal(
            [$"--admin-token-file: '{path}': line 1: otto: the role is none of viewer, operator, node"],
            Errors(isNode, "--admin-address", "127.0.0.1:0", "--admin-token-file", path));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void FilesOfSigning_MustFitEachOther(bool isNode)
    {
        using var certificate = SelfSigned.Create("signer");
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var chain = _folder.Write("sign.pem", certificate.ExportCertificatePem());
        string[] Of(string key) =>
        [
            "--admin-address", "127.0.0.1:0", "--public-relay", "relay.example.com", "--profile-signing-cert", chain,
            "--profile-signing-key", _folder.Write("sign.key", key),
        ];

        Assert.Empty(Errors(isNode, Of(certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem())));
        Assert.Equal(
            $"--profile-signing-key {_folder.Path}/sign.key: it is not the key of the certificate in --profile-signing-cert {chain}",
            Assert.Single(Errors(isNode, Of(other.ExportPkcs8PrivateKeyPem()))));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void CertificateOfASilo_MustBeOneThatOthersTake(bool isNode)
    {
        using var authority = new TestAuthority();
        using var other = new TestAuthority();
        using var silo = authority.IssueSilo("silo.relayfleet");
        using var nameless = authority.IssueSilo();
        using var server = authority.IssueServer("silo.relayfleet");
        var ca = _folder.Write("silo-ca.pem", authority.Pem);
        string[] Of(X509Certificate2 certificate, string authorities)
        {
            var files = CertificateFiles.Write(_folder, "silo", certificate);
            return ["--silo-tls-cert-path", files.Certificate, "--silo-tls-private-key-path", files.Key, "--silo-tls-ca-path", authorities];
        }

        Assert.Empty(Errors(isNode, Of(silo, ca)));
        foreach (var (certificate, authorities, message) in ((X509Certificate2, string, string)[])
            [
                (nameless, ca, "for a DNS name"), (server, ca, "for servers and for clients"),
                (silo, _folder.Write("other-ca.pem", other.Pem), "have not signed it"),
                (silo, _folder.Write("none.pem", ""), "there is no certificate"),
            ])
            Assert.Contains(message, Assert.Single(Errors(isNode, Of(certificate, authorities))), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void PageOfEnrolments_NeedsACertificate_UnlessItIsOfLoopback(bool isNode)
    {
        using var certificate = SelfSigned.Create("enrol.example.com");
        var chain = _folder.Write("enrol.pem", certificate.ExportCertificatePem());
        var key = _folder.Write("enrol.key", certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        string[] Of(string address, params string[] more) =>
        [
            "--admin-address", "127.0.0.1:0", "--public-relay", "relay.example.com", "--enrol-address", address, .. more,
        ];
        string[] url = ["--public-url", "https://enrol.example.com:8443/"];

        Assert.Empty(Errors(isNode, Of("127.0.0.1:0")));
        Assert.Empty(Errors(isNode, Of("[::1]:0", url)));
        Assert.Empty(Errors(isNode, Of("192.0.2.7:8443", [.. url, "--enrol-tls-cert-path", chain, "--enrol-tls-private-key-path", key])));
        // A node has a certificate of its own.
        if (!isNode)
            Assert.StartsWith("--enrol-tls-cert-path: required", Assert.Single(Errors(isNode, Of("192.0.2.7:8443", url))), StringComparison.Ordinal);
        Assert.Contains(
            Errors(isNode, Of("192.0.2.7:8443", [.. url, "--enrol-tls-cert-path", key, "--enrol-tls-private-key-path", key])),
            static line => line.StartsWith("--enrol-tls-cert-path ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("======================")]
    [InlineData("with a space in it, and long enough")]
    [InlineData("short")]
    public void AWrongToken_IsRefusedInTheSameWords(string token)
    {
        using var node = new StringWriter();
        using var admin = new StringWriter();
        Assert.Equal(2, Hosting.HashCommand.TryRun(
            ["hash-token", "otto"], new StringReader(token), TextWriter.Null, node));
        Assert.Equal(2, Relay.Admin.Options.HashTokenCommand.TryRun(
            ["hash-token", "otto", "viewer"], new StringReader(token), TextWriter.Null, admin));
        Assert.StartsWith("relay-node: a token has ", node.ToString(), StringComparison.Ordinal);
        Assert.Equal(node.ToString()["relay-node".Length..], admin.ToString()["relay-admin".Length..]);
    }

    /// <summary>What a program says against options of a silo, without its name.</summary>
    private string[] Errors(bool isNode, params string[] arguments)
    {
        using var error = new StringWriter();
        if (isNode)
        {
            var pem = _folder.Write("pem", "");
            _ = Node.Options.CommandLine.Parse(
                [
                    "-a", "127.0.0.1:0", "--tls-cert-path", pem, "--tls-private-key-path", pem, "--fleet", "silo",
                    .. arguments,
                ],
                new Dictionary<string, string>(), File.OpenRead, TextWriter.Null, error);
        }
        else
        {
            _ = Relay.Admin.Hosting.Program.Parse(
                ["--fleet", "silo", .. arguments], new Dictionary<string, string>(), TextWriter.Null, error, out _);
        }
        var name = isNode ? "relay-node: " : "relay-admin: ";
        var lines = error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line => Assert.StartsWith(name, line, StringComparison.Ordinal));
        return [.. lines.Select(line => line[name.Length..])];
    }
}
