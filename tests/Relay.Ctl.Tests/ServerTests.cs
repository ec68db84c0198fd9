using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Admin;
using Relay.Admin.Hosting;
using Relay.Ctl.Tests.World;
using Relay.Fleet.Local;
using Relay.Testing.Admin;
using Relay.Testing.Certificates;
using Relay.Testing.Fleets;

namespace Relay.Ctl.Tests;

/// <summary>Which coordinator, who asks, and what happens when there is none.</summary>
public sealed class ServerTests
{
    [Fact]
    public async Task Token_FromFileOrEnvironment_IsSentAndFromAnArgumentIsRefused()
    {
        var token = RandomNumberGenerator.GetHexString(40);
        using var files = new ScratchFolder();
        var tokens = files.WriteTokens(("otto", "operator", token));
        await using var world = await FleetWorld.StartAsync(DrivenLocalFleet.StartAsync, tokens);
        var server = new Dictionary<string, string> { ["RELAY_ADMIN_URL"] = world.Address.AbsoluteUri };

        var without = await Relayctl.RunAsync(server, default, "nodes");
        Assert.Equal(1, without.Status);
        Assert.Contains("--token-file", without.Error, StringComparison.Ordinal);
        (await Relayctl.RunAsync(server, default, "nodes", "--token-file", files.Write("token", $" {token}\n"))).Done();
        server["RELAY_ADMIN_TOKEN"] = token;
        (await Relayctl.RunAsync(server, default, "nodes")).Done();
        server["RELAY_ADMIN_TOKEN"] = "two words";
        Assert.Equal(2, (await Relayctl.RunAsync(server, default, "nodes")).Status);
        Assert.Equal(2, (await Relayctl.RunAsync(server, default, "nodes", "--token", token)).Status);
        Assert.Equal(
            2, (await Relayctl.RunAsync(server, default, "nodes", "--token-file", files.File("none"))).Status);
    }

    [Fact]
    public async Task Coordinator_WithItsOwnAuthority_IsTrustedOnlyWithCa()
    {
        using var files = new ScratchFolder();
        using var certificate = SelfSigned.Create("127.0.0.1");
        var chain = files.Write("cert.pem", certificate.ExportCertificatePem());
        await using var host = await AdminHost.StartAsync(
            new AdminConfig
            {
                Address = new IPEndPoint(IPAddress.Loopback, 0),
                TlsCertPath = chain,
                TlsPrivateKeyPath = files.Write("key.pem", certificate.ExportKeyPem()),
            },
            new LocalFleet(new LocalFleetConfig(), [], TimeProvider.System, new Random(1)), NullLoggerFactory.Instance,
            default);
        var server = $"https://{host.Address}";
        (await Relayctl.RunAsync([], default, "nodes", "--server", server, "--ca", chain)).Done();
        Assert.Equal(3, (await Relayctl.RunAsync([], default, "nodes", "--server", server)).Status);
        Assert.Equal(2, (await Relayctl.RunAsync(
            [], default, "nodes", "--server", server, "--ca", files.File("key.pem"))).Status);
    }

    [Fact]
    public async Task Coordinator_ThatIsNotThere_EndsWithThree()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = listener.LocalEndpoint;
        listener.Stop();
        var run = await Relayctl.RunAsync([], default, "nodes", "--server", $"http://{address}");
        Assert.Equal(3, run.Status);
        Assert.Contains($"{address} does not answer", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_ThatIsNoAdminApi_IsToldApart()
    {
        await using var server = new CannedServer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        var run = await Relayctl.RunAsync([], default, "nodes", "--server", server.Address);
        Assert.Equal(1, run.Status);
        Assert.Contains("not the admin API's", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirection_IsNotFollowed()
    {
        await using var server =
            new CannedServer("HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n");
        var run = await Relayctl.RunAsync([], default, "nodes", "--server", server.Address);
        Assert.Equal(1, run.Status);
        Assert.Contains("not followed", run.Error, StringComparison.Ordinal);
    }

    // 0.0.0.0 is no address of loopback, and nothing is ever sent to it.
    [Fact]
    public async Task Token_OverHttpToAFarHost_IsNotSent()
    {
        var variables = new Dictionary<string, string> { ["RELAY_ADMIN_TOKEN"] = RandomNumberGenerator.GetHexString(40) };
        const string address = "http://0.0.0.0:8480";
        var run = await Relayctl.RunAsync(variables, default, "nodes", "--server", address);
        Assert.Equal(2, run.Status);
        Assert.Contains("--insecure", run.Error, StringComparison.Ordinal);
        Assert.Equal(3, (await Relayctl.RunAsync(variables, default, "nodes", "--server", address, "--insecure")).Status);
    }

    [Fact]
    public async Task Events_WhenTheStreamBreaks_EndsWithThree()
    {
        await using var server =
            new CannedServer("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n:\n\n");
        Assert.Equal(3, (await Relayctl.RunAsync([], default, "events", "--server", server.Address)).Status);
    }

    [Theory]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("127.0.0.1:8480")]
    [InlineData("http://user:secret@127.0.0.1")]
    public async Task Server_ThatIsNoAddress_EndsWithTwo(string server) =>
        Assert.Equal(2, (await Relayctl.RunAsync([], default, "nodes", "--server", server)).Status);
}
