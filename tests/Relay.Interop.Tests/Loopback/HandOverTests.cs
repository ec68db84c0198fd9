using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Relay.Interop.Tests.Certificates;
using Relay.Interop.Tests.Network;
using Relay.Interop.Tests.Processes;
using Relay.Node.Options;
using Relay.Node.Quic;
using Relay.Node.Targets;

namespace Relay.Interop.Tests.Loopback;

/// <summary>Where the kernel refuses to steer, loops hand over packets that are another loop's.</summary>
public sealed class HandOverTests
{
    [Fact]
    public async Task Packets_OfAClientThatMoves_ReachTheirLoopWithoutSteering()
    {
        using var folder = new ScratchFolder();
        using var authority = new TestAuthority();
        using var certificate = authority.IssueServer("localhost", "127.0.0.1");
        var files = CertificateFiles.Write(folder, "relay", certificate);
        var config = new NodeConfig
        {
            Addresses = [new IPEndPoint(IPAddress.Loopback, Ports.FreeUdp())],
            TlsCertPath = files.Certificate,
            TlsPrivateKeyPath = files.Key,
            Workers = 4,
            AllowTargets = [TargetRule.Parse("127.0.0.0/8")],
        };
        NativeRuntime.Prepare(config.Workers);
        var resolver = new TargetResolver(
            new SystemHostLookup().LookUpAsync, TargetResolverLimits.Default, TimeProvider.System);
        var security = NodeSecurity.Load(config);
        using var server = RelayServer.Start(
            config, security.Identity, security.Authenticator, resolver, NullLogger.Instance, steer: false);

        var run = await LoadRun.AgainstAsync(
            config.Addresses[0].Port, Limits.Transfer, "echo", "--count", "20000", "--rebind-every", "1000",
            "--window", "8", "--fail-on-loss", "--timeout", "30");
        Assert.Equal(20_000, run["echoes"]);
        await server.DrainAsync(TimeSpan.FromSeconds(5), CancellationToken.None);
        Assert.True(server.Counters.Sum(static counters => counters.PacketsHandedOver) > 0);
    }
}
