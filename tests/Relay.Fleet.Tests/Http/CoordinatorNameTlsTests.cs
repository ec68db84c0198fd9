using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Relay.Fleet.Http;
using Relay.Testing.Certificates;
using Relay.Testing.Nodes;

namespace Relay.Fleet.Tests.Http;

/// <summary>A coordinator's name with several addresses, over sockets and TLS: each is who the name says.</summary>
public sealed class CoordinatorNameTlsTests : IDisposable
{
    private const string Name = "relay-admin.test";

    private readonly X509Certificate2 _right = SelfSigned.Create(Name);
    private readonly X509Certificate2 _wrong = SelfSigned.Create("127.0.0.2", "other.test");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Report_ToAddressesOfWhichOneRefusesAndOneIsAnother_ReachesTheCoordinator()
    {
        await using var coordinator = new TlsCoordinator(IPAddress.Parse("127.0.0.4"), 0, _right);
        // Its certificate is for its address, which is not what was asked for.
        await using var other = new TlsCoordinator(IPAddress.Parse("127.0.0.2"), coordinator.Port, _wrong);
        using var fleet = Fleet(coordinator.Port, "127.0.0.2", "127.0.0.3", "127.0.0.4");

        var directive = await fleet.ReportAsync(Report, Cancellation);
        await fleet.ReportAsync(Report, Cancellation);

        Assert.Equal(1000, directive.ReportIntervalMilliseconds);
        string[] names = [Name, $"{Name}:{coordinator.Port}"];
        Assert.Equal([.. names, .. names], coordinator.Names);
        Assert.Equal((1, 0), (other.Connections, other.Names.Count));
    }

    [Fact]
    public async Task Report_ToAnAddressWhoseCertificateIsForTheAddressAlone_IsNotSent()
    {
        await using var other = new TlsCoordinator(IPAddress.Parse("127.0.0.2"), 0, _wrong);
        using var fleet = Fleet(other.Port, "127.0.0.2");

        await Assert.ThrowsAsync<FleetUnavailableException>(async () => await fleet.ReportAsync(Report, Cancellation));

        Assert.Equal((1, 0), (other.Connections, other.Names.Count));
    }

    /// <summary>RFC 3986 §3.2.2: an IPv6 address of a URL, and so of a Host field, is in brackets.</summary>
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Report_ToAUrlWithAnAddress_ReachesTheCoordinatorByThat(string address)
    {
        using var certificate = SelfSigned.Create(address);
        await using var coordinator = new TlsCoordinator(IPAddress.Parse(address), 0, certificate);
        var host = new IPEndPoint(IPAddress.Parse(address), coordinator.Port).ToString();
        using var fleet = Fleet(new Uri($"https://{host}"), certificate);

        await fleet.ReportAsync(Report, Cancellation);

        Assert.Equal(host, coordinator.Names[1]);
    }

    public void Dispose()
    {
        _right.Dispose();
        _wrong.Dispose();
    }

    private static NodeReport Report { get; } = new SimulatedNode("edge-1").Next();

    private HttpFleet Fleet(int port, params string[] addresses) =>
        Fleet(new Uri($"https://{Name}:{port}"), _right, addresses);

    private HttpFleet Fleet(Uri coordinator, X509Certificate2 right, params string[] addresses)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { right, _wrong },
        };
        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy },
        };
        return new HttpFleet([coordinator], handler, () => "token", new HttpFleetOptions
        {
            // Nothing here hangs; a busy machine may take its time.
            TryTimeout = TimeSpan.FromMinutes(1),
            TotalTimeout = TimeSpan.FromMinutes(2),
            Resolve = _ => Task.FromResult<IPAddress[]>([.. addresses.Select(IPAddress.Parse)]),
        }, random: new FirstRandom());
    }
}
