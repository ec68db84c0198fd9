using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;
using Relay.Grains.Hosting;
using Relay.Hosting.Files;
using Relay.Hosting.Fleet;
using Relay.Testing.Admin;
using Relay.Testing.Certificates;
using Relay.Testing.Network;
using Relay.Testing.Redis;

namespace Relay.Grains.Tests.Hosting;

/// <summary>Silos that talk by TLS: who is one of them, and who is not.</summary>
[Trait("Needs", "Cluster")]
public sealed class SiloTlsTests : IDisposable
{
    private const string Name = "silo.relayfleet";

    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _other = new("Another Test Authority");
    private readonly ScratchFolder _folder = new();

    public void Dispose()
    {
        _authority.Dispose();
        _other.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Silos_OfOneAuthorityAndName_FormACluster_WhichWhoHasNoCertificateOfItDoesNotJoin()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var first = await StartAsync(redis, Tls(_authority));
        await using var second = await StartAsync(redis, Tls(_authority));
        await CoordinatorsAsync(first, 2);
        await CoordinatorsAsync(second, 2);

        foreach (var tls in (Func<SiloTls>?[])[null, Tls(_other), Tls(_authority, "admin.relayfleet")])
        {
            using var logs = new RecordingLogs();
            await using var stranger = await StartAsync(redis, tls, logs);
            // That it could not start.
            await Eventually.HoldsAsync(() => logs.Lines.Any(static line => line.Id == 701), "a stranger that gives up");
            Assert.Null(stranger.Silo);
        }

        await CoordinatorsAsync(first, 2);
    }

    [Fact]
    public async Task Silo_AnswersNobodyButSilos()
    {
        await using var silo = await StartAsync(redis: null, Tls(_authority));
        var address = silo.Silo!.Address;

        using var peer = _authority.IssueSilo(Name);
        await ShakeHandsAsync(address, peer);
        using var stranger = _other.IssueSilo(Name);
        using var namesake = _authority.IssueSilo("admin.relayfleet");
        using var server = _authority.IssueServer(Name);
        foreach (var refused in (X509Certificate2?[])[null, stranger, namesake, server])
            await Assert.ThrowsAnyAsync<Exception>(() => ShakeHandsAsync(address, refused));
        await ShakeHandsAsync(address, peer);
    }

    [Fact]
    public async Task FilesOfASilo_ThatChange_AreShownFromThenOn()
    {
        var address = new IPEndPoint(IPAddress.Loopback, Ports.FreeTcp());
        var config = new FleetHostConfig
        {
            IsSilo = true,
            Silo = new SiloConfig { Address = address },
            SiloTls = new FileGroup("silo", [.. Write(_authority, _authority).Select(static path => new NamedFile("--silo-tls", path))]),
        };
        await using var fleet = await FleetHost.StartAsync(config, NullLoggerFactory.Instance, default);
        using var peer = _authority.IssueSilo(Name);
        var before = await ShakeHandsAsync(address, peer);

        // A certificate of a second authority: all silos know that already, when authorities are changed.
        _ = Write(_other, _authority, _other);
        fleet.Reload();
        var after = await ShakeHandsAsync(address, peer);
        Assert.NotEqual(before, after);
        using var next = _other.IssueSilo(Name);
        Assert.Equal(after, await ShakeHandsAsync(address, next));

        // What no other silo would take is not used.
        _ = Write(_authority, _other);
        fleet.Reload();
        Assert.Equal(after, await ShakeHandsAsync(address, peer));
    }

    [Theory]
    [InlineData("192.0.2.1", true)]
    [InlineData("127.0.0.1", false)]
    public async Task SiloInClearText_ThatOthersReach_IsWarnedOf(string address, bool isWarnedOf)
    {
        using var logs = new RecordingLogs();
        var config = new SiloConfig
        {
            Address = new IPEndPoint(IPAddress.Parse(address), 11111),
            // Nobody answers there: the silo is not begun.
            Redis = "127.0.0.1:1,connectTimeout=100,connectRetry=0",
        };
        await using var fleet = await FleetHost.StartAsync(new FleetHostConfig { IsSilo = true, Silo = config }, logs, default);
        Assert.Equal(isWarnedOf, logs.Lines.Any(static line => line.Text.Contains("--silo-tls-cert-path", StringComparison.Ordinal)));
    }

    /// <summary>Does what a silo does that connects, and gives the serial number of the certificate that it is shown.</summary>
    /// <remarks>By TLS 1.2, in which a client is told within the handshake that its certificate is refused.</remarks>
    private static async Task<string> ShakeHandsAsync(IPEndPoint address, X509Certificate2? certificate)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address);
        await using var stream = new SslStream(client.GetStream(), leaveInnerStreamOpen: false, static (_, shown, _, _) => shown is not null);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = Name,
            EnabledSslProtocols = SslProtocols.Tls12,
            ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, null, offline: true),
        });
        // Whom it refuses a silo may tell only after the handshake; with another silo it begins to speak by itself.
        if (await stream.ReadAsync(new byte[1], TestContext.Current.CancellationToken) == 0)
            throw new AuthenticationException("the silo has closed the connection");
        return stream.RemoteCertificate!.GetSerialNumberString();
    }

    private static Func<SiloTls> Tls(TestAuthority authority, string name = Name)
    {
        using var certificate = authority.IssueSilo(name);
        var tls = SiloTls.Create(certificate, [], [X509Certificate2.CreateFromPem(authority.Pem)]);
        return () => tls;
    }

    /// <summary>A host whose silo gives up soon where it does not come into the cluster.</summary>
    private static async Task<GrainFleetHost> StartAsync(RedisServer? redis, Func<SiloTls>? tls, RecordingLogs? logs = null)
    {
        var config = new SiloConfig { Address = new IPEndPoint(IPAddress.Loopback, 0), Redis = redis?.Configuration };
        return (GrainFleetHost)await GrainFleetHost.StartAsync(
            config, (Microsoft.Extensions.Logging.ILoggerFactory?)logs ?? NullLoggerFactory.Instance, new GrainClock(TimeProvider.System),
            silo =>
            {
                if (tls is not null)
                    SiloTls.Use(silo, tls);
                if (logs is not null)
                    silo.Configure<ClusterMembershipOptions>(static options => options.MaxJoinAttemptTime = TimeSpan.FromSeconds(2));
            }, default);
    }

    private static Task<FleetOverview> CoordinatorsAsync(GrainFleetHost host, int count) => Eventually.HoldsAsync(
        $"{count} coordinators", () => host.Fleet.GetOverviewAsync(default).AsTask(), overview => overview.Coordinators == count);

    /// <summary>The chain, its key and the authorities.</summary>
    private string[] Write(TestAuthority issuer, params TestAuthority[] authorities)
    {
        using var certificate = issuer.IssueSilo(Name);
        var files = CertificateFiles.Write(_folder, "silo", certificate);
        return [files.Certificate, files.Key, _folder.Write("ca.pem", string.Concat(authorities.Select(static one => one.Pem + "\n")))];
    }
}
