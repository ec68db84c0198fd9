using Relay.Interop.Tests.Relays;
using Relay.Native.Quic;
using Relay.Native.Tls;
using Relay.Testing.Certificates;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Loopback;

/// <summary>What protects packets: what the operator chose, or the best that there is; and which, a line and a metric say.</summary>
public sealed class ProtectionTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly ScratchFolder _folder = new();

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("auto", "ipsec-mb")]
    [InlineData("ipsec-mb", "ipsec-mb")]
    [InlineData("library", "library")]
    public async Task Load_OverEither_ArrivesWhole(string choice, string backend)
    {
        Assert.SkipWhen(
            backend == "ipsec-mb" && PacketProtection.TryLoadIpsecMb(out _) is null, "libipsec_mb cannot be used");
        var metrics = Ports.FreeTcp();
        await using var relay = await RelayProcess.StartAsync(
            _authority, "--packet-protection", choice, "--metrics-address", $"127.0.0.1:{metrics}");
        await relay.Log.WaitForAsync($@"packet protection: {backend} \(", Limits.AtOnce);
        var echo = await LoadRun.AgainstAsync(
            relay.Port, Limits.Transfer, "echo", "--count", "10000", "--size", "1000", "--fail-on-loss", "--timeout", "120");
        Assert.Equal((10_000, 0), (echo["echoes"], echo["corrupt"]));
        foreach (var mode in (string[])["tcp-down", "tcp-up"])
        {
            var run = await LoadRun.AgainstAsync(
                relay.Port, Limits.Transfer, mode, "--bytes", "16MiB", "--verify", "Sha256");
            Assert.True(run.Verified);
        }
        await AssertBackendAsync(metrics, backend);
        await relay.StopAsync();
    }

    /// <summary>A library that is none: unless it was asked for by name, the node goes on without it.</summary>
    [Fact]
    public async Task UnusableLibrary_IsNamed_AndKeepsTheNodeFromStartingIfItWasAskedFor()
    {
        foreach (var name in (string[])["libIPSec_MB.so.1", "libIPSec_MB.so.2"])
            _folder.Write(name, "not a library");
        var broken = new Dictionary<string, string> { ["LD_LIBRARY_PATH"] = _folder.Path };

        var metrics = Ports.FreeTcp();
        await using var relay = await RelayProcess.StartAsync(
            _authority, broken, "--metrics-address", $"127.0.0.1:{metrics}");
        await relay.Log.WaitForAsync(
            @"packet protection: library \((GnuTLS|OpenSSL); .*libIPSec_MB\.so\.2: .*libIPSec_MB\.so\.1: ", Limits.AtOnce);
        await AssertBackendAsync(metrics, "library");
        await relay.StopAsync();

        using var certificate = _authority.IssueServer("localhost", "127.0.0.1");
        var files = CertificateFiles.Write(_folder, "relay", certificate);
        var command = OwnProgram.Command(
            "relay-node",
            [
                "-a", $"127.0.0.1:{Ports.FreeUdp()}", "--tls-cert-path", files.Certificate, "--tls-private-key-path",
                files.Key, "--packet-protection", "ipsec-mb",
            ]);
        await using var refused = ChildProcess.Start(command, broken, "relay-node");
        Assert.Equal(2, await refused.WaitForExitAsync(Limits.Exchange));
        Assert.Matches(
            @"^relay-node: --packet-protection: libipsec_mb cannot be used: .*libIPSec_MB\.so\.2: ", refused.Log.Lines[^1]);
    }

    /// <summary>What a node would take by itself, and why not the other, is said without one.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Version_SaysWhatTlsAndProtectionAre(bool isBroken)
    {
        foreach (var name in (string[])["libIPSec_MB.so.1", "libIPSec_MB.so.2"])
            _folder.Write(name, "not a library");
        await using var program = ChildProcess.Start(
            OwnProgram.Command("relay-node", ["--version"]),
            isBroken ? new Dictionary<string, string> { ["LD_LIBRARY_PATH"] = _folder.Path } : null, "relay-node");
        Assert.Equal(0, await program.WaitForExitAsync(Limits.Exchange));
        var (tls, by) = TlsLibrary.CanUseOpenSsl(out var whyNoOpenSsl)
            ? ($"TLS: openssl ({TlsLibrary.OpenSsl})", TlsLibrary.OpenSsl.Title)
            : ($"TLS: gnutls ({TlsLibrary.GnuTls}; {whyNoOpenSsl})", TlsLibrary.GnuTls.Title);
        Assert.Equal(tls, program.Log.Lines[^2]);
        if (isBroken)
            Assert.Matches($@"^packet protection: library \({by}; .*libIPSec_MB\.so\.2: .*\)$", program.Log.Lines[^1]);
        else if (PacketProtection.TryLoadIpsecMb(out var whyNot) is { } protection)
            Assert.Equal($"packet protection: ipsec-mb ({protection.Description})", program.Log.Lines[^1]);
        else
            Assert.Equal($"packet protection: library ({by}; {whyNot})", program.Log.Lines[^1]);
    }

    private static async Task AssertBackendAsync(int metrics, string backend)
    {
        using var http = new HttpClient();
        var text = await http.GetStringAsync(
            $"http://127.0.0.1:{metrics}/metrics", TestContext.Current.CancellationToken);
        Assert.Matches($$"""(?m)^relay_packet_protection_info\{backend="{{backend}}"\} 1$""", text);
    }
}
