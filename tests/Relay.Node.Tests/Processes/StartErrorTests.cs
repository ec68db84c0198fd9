using System.Net.Sockets;
using System.Security.Cryptography;
using Relay.Testing.Certificates;

namespace Relay.Node.Tests.Processes;

/// <summary>What keeps a node from starting is one clear line and exit status 2.</summary>
[Trait("Needs", "Processes")]
public sealed class StartErrorTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly string _certificate;
    private readonly string _key;

    public StartErrorTests()
    {
        using var certificate = SelfSigned.Create("localhost");
        _certificate = Write("cert.pem", certificate.ExportCertificatePem());
        _key = Write("key.pem", certificate.ExportKeyPem());
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Certificate_NotPem_IsOneLineAndStatusTwo()
    {
        var broken = Write("broken.pem", "this is no certificate");
        var line = await FailAsync("-a", "127.0.0.1:44433", "--tls-cert-path", broken, "--tls-private-key-path", _key);
        Assert.Equal($"relay-node: --tls-cert-path {broken}: there is no certificate", line);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Certificate_WithAnotherKey_IsOneLineAndStatusTwo(bool rsa)
    {
        using AsymmetricAlgorithm other = rsa ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var key = Write("other.pem", other.ExportPkcs8PrivateKeyPem());
        var line = await FailAsync(
            "-a", "127.0.0.1:44433", "--tls-cert-path", _certificate, "--tls-private-key-path", key);
        Assert.Equal(
            $"relay-node: --tls-private-key-path {key}: it is not the key of the certificate in --tls-cert-path {_certificate}",
            line);
    }

    [Theory]
    [InlineData("gnutls")]
    [InlineData("auto")]
    public async Task Certificate_AndKeySwapped_IsOneLineThatSaysSo(string library)
    {
        var line = await FailAsync(
            "-a", "127.0.0.1:44433", "--tls-cert-path", _key, "--tls-private-key-path", _certificate, "--tls-library", library);
        Assert.Equal($"relay-node: --tls-cert-path {_key}: there is no certificate, but a private key", line);
    }

    [Fact]
    public async Task Certificate_Missing_IsOneLineAndStatusTwo()
    {
        var line = await FailAsync(
            "-a", "127.0.0.1:44433", "--tls-cert-path", "/nonexistent.pem", "--tls-private-key-path", _key);
        Assert.Contains("--tls-cert-path", line, StringComparison.Ordinal);
        Assert.Contains("/nonexistent.pem", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UsersFile_CutShort_IsOneLineAndStatusTwo()
    {
        var users = Write("users", "relay-users 1\nstore 6f9619ff-8b86-4011-b42d-00cf4fc964ff 17\n");
        var line = await FailAsync(
            "-a", "127.0.0.1:44433", "--tls-cert-path", _certificate, "--tls-private-key-path", _key, "--fleet", "local",
            "--users-file", users);
        Assert.Equal($"relay-node: --users-file: '{users}': its end is missing: it was not written whole", line);
    }

    [Fact]
    public async Task Address_Unparsable_IsOneLineAndStatusTwo()
    {
        var line = await FailAsync(
            "-a", "localhost:port", "--tls-cert-path", _certificate, "--tls-private-key-path", _key);
        Assert.Contains("--address", line, StringComparison.Ordinal);
        Assert.Contains("localhost:port", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // another relay's sockets share the port with whoever asks: it must not be us
    public async Task Port_InUse_IsOneLineAndStatusOne(bool shared)
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        if (shared)
            taken.SetRawSocketOption(1, 15, BitConverter.GetBytes(1)); // SOL_SOCKET, SO_REUSEPORT
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var address = taken.LocalEndPoint!.ToString()!;
        // Where few files may be open, there is a line that says so as well.
        var line = await FailAsync(
            1, "-a", address, "--tls-cert-path", _certificate, "--tls-private-key-path", _key, "--log-level", "error");
        Assert.Contains(address, line, StringComparison.Ordinal);
        Assert.Contains("EADDRINUSE", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--metrics-address")]
    [InlineData("--admin-address")]
    public async Task PortBesideTheRelays_InUse_IsOneLineAndStatusOne(string option)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var address = taken.LocalEndpoint.ToString()!;
        var line = await FailAsync(
            1, "-a", "127.0.0.1:44433", "--tls-cert-path", _certificate, "--tls-private-key-path", _key,
            "--log-level", "error", option, address);
        Assert.Equal($"relay-node: {option}: {address}: the port is in use (EADDRINUSE)", line);
    }

    [Fact]
    public async Task MetricsAddress_Unparsable_IsOneLineAndStatusTwo()
    {
        var line = await FailAsync(
            "-a", "127.0.0.1:44433", "--tls-cert-path", _certificate, "--tls-private-key-path", _key,
            "--metrics-address", "metrics:9464");
        Assert.Contains("--metrics-address", line, StringComparison.Ordinal);
        Assert.Contains("metrics:9464", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("libngtcp2.so.16", "libngtcp2-16")]
    [InlineData("libnghttp3.so.9", "libnghttp3-9")]
    [InlineData("libnghttp2.so.14", "libnghttp2-14")]
    [InlineData("libngtcp2_crypto_gnutls.so.8", "libngtcp2-crypto-gnutls8")]
    public async Task Library_Missing_IsOneLineThatNamesThePackage(string library, string package)
    {
        if (Environment.UserName != "root")
            Assert.Skip("hiding a library takes a mount namespace, and that takes root");
        var path = Directory.EnumerateFiles("/usr/lib", library, SearchOption.AllDirectories).First();
        var (status, errors) = await NodeProcess.RunWithoutAsync(
            path, "-a", "127.0.0.1:44433", "--tls-cert-path", _certificate, "--tls-private-key-path", _key,
            "--tls-library", "gnutls");
        Assert.Equal(2, status);
        var line = Assert.Single(errors);
        Assert.Contains(library, line, StringComparison.Ordinal);
        Assert.Contains(package, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenSsl_NotThereButAskedFor_IsOneLineThatNamesThePackage()
    {
        if (Environment.UserName != "root")
            Assert.Skip("hiding a library takes a mount namespace, and that takes root");
        string[] arguments =
        [
            "-a", "127.0.0.1:44433", "--tls-cert-path", _certificate, "--tls-private-key-path", _key, "--tls-library",
            "openssl",
        ];
        var path = Directory.EnumerateDirectories("/usr/lib")
            .Select(static folder => Path.Combine(folder, "libngtcp2_crypto_ossl.so.0")).FirstOrDefault(File.Exists, "/dev/null");
        var (status, errors) = await NodeProcess.RunWithoutAsync(path, arguments);
        Assert.Equal(2, status);
        // Debian 12 has an OpenSSL without what QUIC needs.
        Assert.Matches(
            "^relay-node: --tls-library: OpenSSL cannot be used: (.*libngtcp2-crypto-ossl0 |OpenSSL 3.* is older than 3.5)",
            Assert.Single(errors));
    }

    [Theory]
    [InlineData(64)]
    [InlineData(255)]
    public async Task OpenFiles_TooFew_IsOneLineAndStatusTwo(int files)
    {
        var (status, errors) = await NodeProcess.RunLimitedAsync(
            files, "-a", "127.0.0.1:44433", "--tls-cert-path", _certificate, "--tls-private-key-path", _key);
        Assert.Equal(2, status);
        Assert.Equal(
            $"relay-node: RLIMIT_NOFILE allows {files} open files, and 256 are the least that a relay begins with: "
                + "raise it (ulimit -n, LimitNOFILE=)",
            Assert.Single(errors));
    }

    [Fact]
    public async Task OpenFiles_FewerThanTunnels_IsSaidAtStart()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var (_, errors) = await NodeProcess.RunLimitedAsync(
            400, "-a", taken.LocalEndPoint!.ToString()!, "--tls-cert-path", _certificate, "--tls-private-key-path", _key);
        Assert.Contains(errors, static line => line.Contains("RLIMIT_NOFILE is 400", StringComparison.Ordinal));
        Assert.Contains(errors, static line => line.Contains("EADDRINUSE", StringComparison.Ordinal));
    }

    private static Task<string> FailAsync(params string[] arguments) => FailAsync(2, arguments);

    /// <param name="expected">Of the end: 2 where somebody is to mend something, 1 where it may pass.</param>
    /// <param name="arguments">Of the program.</param>
    private static async Task<string> FailAsync(int expected, params string[] arguments)
    {
        var (status, errors) = await NodeProcess.RunAsync(arguments);
        Assert.Equal(expected, status);
        var line = Assert.Single(errors);
        Assert.StartsWith("relay-node: ", line, StringComparison.Ordinal);
        return line;
    }

    private string Write(string name, string content) => _folder.Write(name, content);
}
