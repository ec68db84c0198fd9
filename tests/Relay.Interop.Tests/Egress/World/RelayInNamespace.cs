using Microsoft.Extensions.Logging.Abstractions;
using Relay.Interop.Tests.Relays;
using Relay.Node.Counters;
using Relay.Node.Hosting;
using Relay.Node.Options;
using Relay.Node.Targets;
using Relay.Testing.Certificates;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Egress.World;

/// <summary>A relay in this process and in a namespace: its counters can be read, and its timeouts be any.</summary>
internal sealed class RelayInNamespace : IDisposable
{
    private readonly ScratchFolder _folder;
    private readonly RelayServer _server;

    private RelayInNamespace(ScratchFolder folder, RelayServer server) => (_folder, _server) = (folder, server);

    public (long Connections, long Tunnels) Load => _server.Load;

    /// <summary>Starts a relay as these options say; whatever targets there are in the world are allowed.</summary>
    public static RelayInNamespace Start(
        NetworkNamespace network, string[] options, Func<NodeConfig, NodeConfig>? adjust = null,
        ITargetResolver? resolver = null)
    {
        var folder = new ScratchFolder();
        try
        {
            using var authority = new TestAuthority();
            using var certificate = authority.IssueServer(RelayProcess.Name);
            var files = CertificateFiles.Write(folder, "relay", certificate);
            var config = network.Run(() => Parse([.. Arguments(files), "--workers", "1", .. options]));
            config = adjust?.Invoke(config) ?? config;
            NativeRuntime.Prepare(config.Workers, TlsLibraryChoice.Of(config.TlsLibrary).Library);
            resolver ??= new TargetResolver(
                new SystemHostLookup().LookUpAsync, TargetResolverLimits.Default, TimeProvider.System);
            // Threads that are started in a namespace, such as the relay's loops, are in it.
            var security = NodeSecurity.Load(config);
            return new RelayInNamespace(folder, network.Run(() => RelayServer.Start(
                config, security.Identity, security.Authenticator, resolver, NullLogger.Instance)));
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>What every relay of these tests is told.</summary>
    public static string[] Arguments(CertificateFiles files) =>
    [
        "-a", EgressWorld.Relay.ToString(), "--tls-cert-path", files.Certificate, "--tls-private-key-path", files.Key,
        "--allow-target", "192.0.2.0/24", "--allow-target", "2001:db8:80::/48",
    ];

    public long Count(Func<LoopCounters, long> counter) => counter(_server.ReadCounters());

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    private static NodeConfig Parse(string[] arguments)
    {
        using var errors = new StringWriter();
        var result = CommandLine.Parse(
            arguments, new Dictionary<string, string>(), File.OpenRead, TextWriter.Null, errors);
        Assert.True(result.TryGetConfig(out var config), errors.ToString());
        return config;
    }
}
