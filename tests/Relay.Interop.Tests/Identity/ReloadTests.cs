using Relay.Interop.Tests.Relays;
using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Identity;

/// <summary>A relay whose files are replaced while it runs.</summary>
public sealed class ReloadTests : IDisposable
{
    private const string Reloaded = "certificates reloaded";
    private const string Refused = "certificates not reloaded, those in use stay: ";

    private readonly ScratchFolder _folder = new();
    private readonly TestAuthority _authority = new();

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    [InlineData("3")]
    public async Task Certificates_SwappedUnderLoad_FailNoHandshake(string http)
    {
        // As a Kubernetes Secret volume: the files are links through a link that is replaced as a whole.
        Publish(0);
        foreach (var name in (string[])["relay.pem", "relay.key"])
            File.CreateSymbolicLink(_folder.File(name), $"..data/{name}");
        var files = new CertificateFiles(_folder.File("relay.pem"), _folder.File("relay.key"));
        await using var relay = await RelayProcess.StartAsync(files, "--workers", "2");

        // Handshakes without end: the swaps decide how long it runs.
        await using var load = LoadProcess.Start(
            relay.Port, Trust(_authority), "handshakes", "--http", http, "--count", "100000000", "--parallel", "4");
        for (var swap = 1; swap <= 5; swap++)
        {
            await relay.Log.WaitForAsync("established on loop", Limits.Exchange, count: 10 * swap);
            Publish(swap);
            await relay.Log.WaitForAsync(Reloaded, Limits.Exchange, count: swap);
        }
        const int Interrupt = 2;
        load.Signal(Interrupt);
        var status = await load.WaitForExitAsync(Limits.Exchange);
        Assert.True(status == 0, load.Log.Describe());
        var output = string.Join('\n', load.Log.Lines);
        Assert.Matches(@"""failed"": 0\b", output);
        Assert.DoesNotMatch(@"""completed"": \d\b", output);
        Assert.DoesNotContain(relay.Log.Lines, line => line.Contains(Refused, StringComparison.Ordinal));
        await relay.StopAsync();
    }

    [Fact]
    public async Task Certificates_OfAnotherAuthority_AreUsedAfterSighup()
    {
        var files = Write(_authority);
        await using var relay = await RelayProcess.StartAsync(files);
        using var next = new TestAuthority();
        var (before, after) = (Trust(_authority), Trust(next, "next.pem"));
        Assert.True(await LoadProcess.ConnectsAsync(relay.Port, before));
        Assert.False(await LoadProcess.ConnectsAsync(relay.Port, after));
        Write(next);
        relay.HangUp();
        await relay.Log.WaitForAsync(Reloaded, Limits.Exchange);
        Assert.True(await LoadProcess.ConnectsAsync(relay.Port, after));
        Assert.False(await LoadProcess.ConnectsAsync(relay.Port, before));
        await relay.StopAsync();
    }

    [Fact]
    public async Task Certificates_Broken_AreRefusedInOneLine_AndTheOldOnesStay()
    {
        var files = Write(_authority);
        await using var relay = await RelayProcess.StartAsync(files);
        using (var stranger = _authority.IssueServer("localhost"))
            CertificateFiles.Write(_folder, "stranger", stranger);
        File.Copy(_folder.File("stranger.key"), files.Key, overwrite: true);
        var line = await relay.Log.WaitForAsync(Refused + ".*", Limits.Exchange);
        Assert.Contains($"--tls-private-key-path {files.Key}", line.Value, StringComparison.Ordinal);
        Assert.True(await LoadProcess.ConnectsAsync(relay.Port, Trust(_authority)));
        Assert.Single(relay.Log.Lines, text => text.Contains(Refused, StringComparison.Ordinal));

        Write(_authority);
        await relay.Log.WaitForAsync(Reloaded, Limits.Exchange);
        Assert.True(await LoadProcess.ConnectsAsync(relay.Port, Trust(_authority)));
        await relay.StopAsync();
    }

    [Fact]
    public async Task Certificates_ThatEndSoon_AreWarnedOf_AtStartAndAfterAReload()
    {
        var now = DateTimeOffset.UtcNow;
        CertificateFiles Write(TimeSpan left)
        {
            using var certificate = SelfSigned.Create(now.AddDays(-1), now + left, "localhost");
            return CertificateFiles.Write(_folder, "relay", certificate);
        }
        var files = Write(TimeSpan.FromDays(3.5));
        await using var relay = await RelayProcess.StartAsync(files);
        var ends = $"--tls-cert-path {files.Certificate}: the certificate of CN=localhost ";
        await relay.Log.WaitForAsync($"{ends}expires on .* UTC, in 3 day", Limits.Exchange);
        Write(TimeSpan.FromDays(20));
        relay.HangUp();
        await relay.Log.WaitForAsync(Reloaded, Limits.Exchange);
        Write(TimeSpan.FromHours(-1));
        relay.HangUp();
        await relay.Log.WaitForAsync($"{ends}has expired on .* UTC", Limits.Exchange);
        Assert.Equal(2, relay.Log.Lines.Count(line => line.Contains(ends, StringComparison.Ordinal)));
        await relay.StopAsync();
    }

    [Fact]
    public async Task ClientAuthorities_Replaced_LetInWhoTheySigned()
    {
        using var next = new TestAuthority();
        var roots = _folder.Write("roots.pem", _authority.Pem);
        await using var relay = await RelayProcess.StartAsync(Write(_authority), "--client-auth-root-cert-path", roots);
        var (server, old, renewed) = (Trust(_authority), Client(_authority, "old"), Client(next, "renewed"));
        Assert.False(await LoadProcess.ConnectsAsync(relay.Port, server));
        Assert.True(await LoadProcess.ConnectsAsync(relay.Port, server, old));
        Assert.False(await LoadProcess.ConnectsAsync(relay.Port, server, renewed));
        _folder.Write("roots.pem", next.Pem);
        relay.HangUp();
        await relay.Log.WaitForAsync(Reloaded, Limits.Exchange);
        Assert.False(await LoadProcess.ConnectsAsync(relay.Port, server, old));
        Assert.True(await LoadProcess.ConnectsAsync(relay.Port, server, renewed));
        _folder.Write("roots.pem", " \n");
        relay.HangUp();
        await relay.Log.WaitForAsync(Refused + ".*there is no certificate", Limits.Exchange);
        Assert.False(await LoadProcess.ConnectsAsync(relay.Port, server));
        await relay.StopAsync();
    }

    [Fact]
    public async Task ClientCertificate_Revoked_IsNotLetInAgain()
    {
        using var alice = _authority.IssueClient("alice");
        var lists = _folder.Write("crl.pem", _authority.Revoke());
        await using var relay = await RelayProcess.StartAsync(
            Write(_authority), "--client-auth-root-cert-path", _folder.Write("roots.pem", _authority.Pem),
            "--client-auth-crl-path", lists);
        var files = CertificateFiles.Write(_folder, "alice", alice);
        string[] own = ["--cert", files.Certificate, "--key", files.Key];
        var (server, other) = (Trust(_authority), Client(_authority, "bob"));
        Assert.True(await LoadProcess.ConnectsAsync(relay.Port, server, own));
        _folder.Write("crl.pem", "no list");
        await relay.Log.WaitForAsync(
            $"revoked certificates not reloaded, those in use stay: --client-auth-crl-path {lists}: there is no list", Limits.Exchange);
        _folder.Write("crl.pem", _authority.Revoke(alice));
        await relay.Log.WaitForAsync("revoked certificates reloaded", Limits.Exchange);
        Assert.False(await LoadProcess.ConnectsAsync(relay.Port, server, own));
        Assert.True(await LoadProcess.ConnectsAsync(relay.Port, server, other));
        // One that is not replaced in time keeps everybody out, and the log says so.
        _folder.Write("crl.pem", _authority.Revoke(DateTimeOffset.UtcNow.AddSeconds(-1)));
        await relay.Log.WaitForAsync(
            $"--client-auth-crl-path {lists}: a list of revoked certificates is over since .*: nobody whom its authority signed is let in",
            Limits.Exchange);
        Assert.False(await LoadProcess.ConnectsAsync(relay.Port, server, other));
        await relay.Log.WaitForAsync(
            "clients with certificates are refused: no list of CN=Interop Test Authority is in force", Limits.Exchange);
        await relay.StopAsync();
    }

    [Fact]
    public async Task Credentials_Replaced_AreAskedForFromTheNextTunnelOn()
    {
        const string Password = "alice:pbkdf2-sha256$1000$c2FsdHNhbHQ=$";
        var hash = System.Security.Cryptography.Rfc2898DeriveBytes.Pbkdf2(
            "secret", "saltsalt"u8.ToArray(), 1000, System.Security.Cryptography.HashAlgorithmName.SHA256, 32);
        var basic = _folder.Write("basic", $"# users\n{Password}{Convert.ToBase64String(hash)}\n");
        await using var relay = await RelayProcess.StartAsync(Write(_authority), "--auth-basic-file", basic);
        string[] credentials = ["-H", "proxy-authorization: Basic YWxpY2U6c2VjcmV0"];
        var server = Trust(_authority);
        Assert.Contains(
            "\"connect_udp_status\": 407", await LoadProcess.ProbeAsync(relay.Port, server), StringComparison.Ordinal);
        Assert.Contains("\"connect_udp_status\": 200", await LoadProcess.ProbeAsync(relay.Port, server, credentials),
            StringComparison.Ordinal);
        _folder.Write("basic", "# nobody\n");
        await relay.Log.WaitForAsync("credentials reloaded", Limits.Exchange);
        Assert.Contains("\"connect_udp_status\": 407", await LoadProcess.ProbeAsync(relay.Port, server, credentials),
            StringComparison.Ordinal);
        _folder.Write("basic", "alice:secret\n");
        await relay.Log.WaitForAsync(
            "credentials not reloaded, those in use stay: --auth-basic-file .* line 1", Limits.Exchange);
        await relay.StopAsync();
    }

    [Fact]
    public async Task Policy_OfTheConfigurationFile_IsReplaced_AndABrokenFileIsRefused()
    {
        var config = _folder.Write("relay.json", """{ "allow-target": "127.0.0.0/8" }""");
        await using var relay = await RelayProcess.StartAsync(config, Write(_authority));
        var server = Trust(_authority);
        Assert.Contains(
            "\"connect_udp_status\": 200", await LoadProcess.ProbeAsync(relay.Port, server), StringComparison.Ordinal);
        // By itself.
        _folder.Write("relay.json", """{ "allow-target": "10.0.0.0/8", "max-tunnels": 5 }""");
        await relay.Log.WaitForAsync("target policy reloaded", Limits.Exchange);
        await relay.Log.WaitForAsync("--max-tunnels changed: only a restart takes notice", Limits.AtOnce);
        Assert.Contains(
            "\"connect_udp_status\": 403", await LoadProcess.ProbeAsync(relay.Port, server), StringComparison.Ordinal);
        // And on SIGHUP.
        _folder.Write("relay.json", """{ "allow-target": "127.0.0.0/33" }""");
        relay.HangUp();
        await relay.Log.WaitForAsync(
            "target policy not reloaded, those in use stay: --allow-target .*'33' is not a prefix length",
            Limits.Exchange);
        Assert.Contains(
            "\"connect_udp_status\": 403", await LoadProcess.ProbeAsync(relay.Port, server), StringComparison.Ordinal);
        _folder.Write("relay.json", """{ "allow-target": "127.0.0.0/8" }""");
        relay.HangUp();
        await relay.Log.WaitForAsync("target policy reloaded", Limits.Exchange, count: 2);
        Assert.Contains(
            "\"connect_udp_status\": 200", await LoadProcess.ProbeAsync(relay.Port, server), StringComparison.Ordinal);
        await relay.StopAsync();
    }

    private CertificateFiles Write(TestAuthority authority)
    {
        using var certificate = authority.IssueServer("localhost", "127.0.0.1");
        return CertificateFiles.Write(_folder, "relay", certificate);
    }

    private string Trust(TestAuthority authority, string name = "authority.pem") => _folder.Write(name, authority.Pem);

    private string[] Client(TestAuthority authority, string name)
    {
        using var certificate = authority.IssueClient(name);
        var files = CertificateFiles.Write(_folder, name, certificate);
        return ["--cert", files.Certificate, "--key", files.Key];
    }

    /// <summary>Makes a pair in a folder of its own, and points <c>..data</c> at it in one step.</summary>
    private void Publish(int version)
    {
        var folder = _folder.Folder($"..{version}");
        using var certificate = _authority.IssueServer("localhost", "127.0.0.1");
        var files = CertificateFiles.Write(_folder, $"..{version}/relay", certificate);
        Assert.StartsWith(folder, files.Key, StringComparison.Ordinal);
        var next = _folder.File("..data_tmp");
        File.CreateSymbolicLink(next, $"..{version}");
        Assert.Equal(0, Rename(next, _folder.File("..data")));
    }

    // File.Move follows links.
    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "rename")]
    private static extern int Rename(string from, string to);
}
