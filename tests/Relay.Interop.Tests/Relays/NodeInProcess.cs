using Microsoft.Extensions.Logging.Abstractions;
using Relay.Node.Diagnostics;
using Relay.Node.Hosting;
using Relay.Node.Options;
using Relay.Node.Targets;
using Relay.Testing.Certificates;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Relays;

/// <summary>A node in the test's own process, for what only shows inside.</summary>
internal sealed class NodeInProcess : IAsyncDisposable
{
    private NodeInProcess(RelayServer server, int port) => (Server, Port) = (server, port);

    public RelayServer Server { get; }

    public int Port { get; }

    public static NodeInProcess Start(
        TestAuthority authority, ScratchFolder folder, int workers, bool steer = true,
        NodeDiagnostics? diagnostics = null,
        Func<NodeConfig, NodeConfig>? change = null)
    {
        using var certificate = authority.IssueServer("localhost", "127.0.0.1");
        var files = CertificateFiles.Write(folder, "relay", certificate);
        var config = new NodeConfig
        {
            Addresses = [new IPEndPoint(IPAddress.Loopback, Ports.FreeUdp())],
            TlsCertPath = files.Certificate,
            TlsPrivateKeyPath = files.Key,
            Workers = workers,
            AllowTargets = [TargetRule.Parse("127.0.0.0/8")],
        };
        config = change?.Invoke(config) ?? config;
        NativeRuntime.Prepare(config.Workers, TlsLibraryChoice.Of(config.TlsLibrary).Library);
        var resolver = new TargetResolver(
            new SystemHostLookup().LookUpAsync, TargetResolverLimits.Default, TimeProvider.System);
        var security = NodeSecurity.Load(config);
        var server = RelayServer.Start(
            config, security.Identity, security.Authenticator, resolver, NullLogger.Instance,
            diagnostics: diagnostics, steer: steer);
        return new NodeInProcess(server, config.Addresses[0].Port);
    }

    public ValueTask DisposeAsync()
    {
        Server.Dispose();
        return ValueTask.CompletedTask;
    }
}
