using System.Security.Cryptography;
using Relay.Interop.Tests.Curl;
using Relay.Native.Tls;
using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Tls;

/// <summary>
/// Sessions that come back over TCP, by openssl(1). Where clients show a certificate none does (ADR 0007): it would show
/// none again, and outlive its end.
/// </summary>
public sealed class ResumptionTests
{
    private const int BadCertificate = 42;
    private const int CertificateRequired = 116;

    // For none in TLS 1.2, where RFC 5246 §7.4.6 has handshake_failure, GnuTLS has decode_error.
    private static readonly int NoneInTls12 = TlsLibrary.CanUseOpenSsl(out _) ? 40 : 50;

    private const string Ticket = "TLS session ticket:";

    [Theory]
    [InlineData("-tls1_2", "TLSv1.2")]
    [InlineData("-tls1_3", "TLSv1.3")]
    public async Task Session_ComesBackByItsTicket_AndCarriesRequests(string option, string version)
    {
        await using var world = await CurlWorld.StartAsync();
        var session = world.Folder.File("session");

        var first = await AskAsync(world, option, "-sess_out", session);
        first.AssertAnswered($"New, {version},");
        Assert.Contains(Ticket, first.Output, StringComparison.Ordinal);
        (await AskAsync(world, option, "-sess_in", session)).AssertAnswered($"Reused, {version},");

        await world.AssertTunnelsAsync("1.1", 2);
        await world.Relay.StopAsync();
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task Ticket_OfACertificateThatIsReplaced_IsNoGood_AndDoesNoHarm(string option)
    {
        await using var world = await CurlWorld.StartAsync();
        var session = world.Folder.File("session");
        (await AskAsync(world, option, "-sess_out", session)).AssertAnswered("New,");

        world.Publish(world.Authority);
        world.Relay.HangUp();
        await world.Relay.Log.WaitForAsync("certificates reloaded", Limits.Exchange);

        (await AskAsync(world, option, "-sess_in", session)).AssertAnswered("New,");
        await world.Relay.StopAsync();
    }

    [Theory]
    [InlineData("-tls1_2", "TLSv1.2")]
    [InlineData("-tls1_3", "TLSv1.3")]
    public async Task ClientsCertificate_IsShownEachTime_AndNothingElseIsEnough(string option, string version)
    {
        await using var world = await CurlWorld.StartAsync(
            static world => ["--client-auth-root-cert-path", world.Folder.Write("roots.pem", world.Authority.Pem)]);
        using var certificate = world.Authority.IssueClient("alice");
        var files = CertificateFiles.Write(world.Folder, "client", certificate);
        string[] shown = ["-cert", files.Certificate, "-key", files.Key];
        var session = world.Folder.File("session");

        var first = await AskAsync(world, option, [.. shown, "-sess_out", session]);
        first.AssertAnswered($"New, {version},");
        Assert.DoesNotContain(Ticket, first.Output, StringComparison.Ordinal);
        // Of TLS 1.3 openssl has nothing then; of TLS 1.2 it has what it would offer by its session's number, if it has one.
        string[] kept = File.Exists(session) ? ["-sess_in", session] : [];
        Assert.Equal(option == "-tls1_2" && !TlsLibrary.CanUseOpenSsl(out _), kept.Length > 0);
        (await AskAsync(world, option, [.. shown, .. kept])).AssertAnswered($"New, {version},");
        var name = certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();
        await world.Relay.Log.WaitForAsync($@"\bhttp=1\.1 .* identity=certificate:{name}\b", Limits.Exchange, count: 2);

        (await AskAsync(world, option, kept)).AssertAlert(option == "-tls1_2" ? NoneInTls12 : CertificateRequired);
        using var others = new TestAuthority();
        world.Folder.Write("roots.pem", others.Pem);
        world.Relay.HangUp();
        await world.Relay.Log.WaitForAsync("certificates reloaded", Limits.Exchange);
        (await AskAsync(world, option, [.. shown, .. kept])).AssertAlert(BadCertificate);
        await world.AssertTunnelsAsync("1.1", 2);
        await world.Relay.StopAsync();
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task Session_OfACertificateThatIsRevoked_DoesNotComeBack(string option)
    {
        await using var world = await CurlWorld.StartAsync(static world =>
        [
            "--client-auth-root-cert-path", world.Folder.Write("roots.pem", world.Authority.Pem),
            "--client-auth-crl-path", world.Folder.Write("crl.pem", world.Authority.Revoke()),
        ]);
        using var certificate = world.Authority.IssueClient("alice");
        var files = CertificateFiles.Write(world.Folder, "client", certificate);
        var session = world.Folder.File("session");
        string[] shown = ["-cert", files.Certificate, "-key", files.Key];
        (await AskAsync(world, option, [.. shown, "-sess_out", session])).AssertAnswered("New,");
        world.Folder.Write("crl.pem", world.Authority.Revoke(certificate));
        await world.Relay.Log.WaitForAsync("revoked certificates reloaded", Limits.Exchange);
        string[] kept = File.Exists(session) ? ["-sess_in", session] : [];
        (await AskAsync(world, option, [.. shown, .. kept])).AssertAlert(BadCertificate);
        await world.Relay.StopAsync();
    }

    /// <summary>Asks for a tunnel to the site, and for its page, which ends it.</summary>
    private static Task<HandshakeRun> AskAsync(CurlWorld world, string version, params string[] options)
    {
        var site = new Uri(world.Site.PlainAddress).Authority;
        return HandshakeRun.AskingAsync(
            world.Relay.Port, world.Trust,
            $"CONNECT {site} HTTP/1.1\r\nHost: {site}\r\n\r\nGET / HTTP/1.1\r\nHost: {site}\r\nConnection: close\r\n\r\n",
            [version, .. options]);
    }
}
