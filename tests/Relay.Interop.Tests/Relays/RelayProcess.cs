using System.Globalization;
using Relay.Interop.Tests.Certificates;
using Relay.Interop.Tests.Network;
using Relay.Interop.Tests.Processes;

namespace Relay.Interop.Tests.Relays;

/// <summary>
/// relay-node as an operator runs it: the program that this build made, with files for its certificate and key, on
/// 127.0.0.1. Toward targets it uses another loopback address, so that a target can tell it from its clients.
/// </summary>
internal sealed class RelayProcess : IAsyncDisposable
{
    /// <summary>The host name in the relay's certificate.</summary>
    public const string Name = "relay.test";

    /// <summary>The address that targets see.</summary>
    public const string OutboundAddress = "127.0.0.2";

    private readonly ChildProcess _process;
    private readonly ScratchFolder _folder;

    private RelayProcess(ChildProcess process, ScratchFolder folder, int port) =>
        (_process, _folder, Port) = (process, folder, port);

    public int Port { get; }

    public OutputLog Log => _process.Log;

    /// <summary>Starts in a namespace or, without one, on the machine's own loopback, and waits until it listens.</summary>
    public static async Task<RelayProcess> StartAsync(
        TestAuthority authority, NetworkNamespace? network = null, params string[] options)
    {
        var folder = new ScratchFolder();
        using var certificate = authority.IssueServer(Name, "localhost", "127.0.0.1");
        var files = CertificateFiles.Write(folder, "relay", certificate);
        var port = network is null ? Ports.FreeUdp() : network.Run(Ports.FreeUdp);
        var program = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "relay-node.dll"),
            "-a", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"),
            "--tls-cert-path", files.Certificate,
            "--tls-private-key-path", files.Key,
            "--allow-target", "127.0.0.0/8",
            "--outbound-ipv4", OutboundAddress,
            "--log-level", "debug",
            .. options,
        ];
        var process = network is null ? ChildProcess.Start(program, arguments) : network.Start(program, arguments);
        var relay = new RelayProcess(process, folder, port);
        try
        {
            await relay.Log.WaitForAsync("(?i)\\blistening\\b", Limits.Start);
            return relay;
        }
        catch
        {
            await relay.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it as a service manager would, and expects that it ends well.</summary>
    public async Task StopAsync()
    {
        var status = await _process.TerminateAsync(Limits.Stop);
        Assert.True(status == 0, $"relay-node ended with {status} after SIGTERM. {Log.Describe()}");
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }
}
