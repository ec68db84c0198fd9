using Relay.Testing.Certificates;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Fleet.World;

/// <summary>relay-node in a fleet, on a port and under a name that it keeps over restarts.</summary>
internal sealed class FleetNode(string id, CertificateFiles files, IReadOnlyList<string> options) : IAsyncDisposable
{
    private ChildProcess? _process;

    /// <summary>Its name in the fleet.</summary>
    public string Id => id;

    /// <summary>Its port on 127.0.0.1.</summary>
    public int Port { get; } = Ports.FreeUdp();

    /// <summary>What this run wrote.</summary>
    public OutputLog Log => _process!.Log;

    /// <summary>Starts it, and waits until it listens.</summary>
    public async Task StartAsync()
    {
        var command = OwnProgram.Command("relay-node",
        [
            "-a", $"127.0.0.1:{Port}", "--tls-cert-path", files.Certificate, "--tls-private-key-path", files.Key,
            "--allow-target", "127.0.0.0/8", "--workers", "1", "--node-id", id, "--log-level", "debug", .. options,
        ]);
        _process = ChildProcess.Start(command, name: id);
        await Log.WaitForAsync(@"\blistening on 127\.0\.0\.1:", Limits.Start);
    }

    /// <summary>Ends it in order, as a service manager does.</summary>
    public async Task StopAsync()
    {
        var status = await _process!.TerminateAsync(Limits.Stop);
        Assert.True(status == 0, $"{id} ended with {status} after SIGTERM. {Log.Describe()}");
        await DisposeAsync();
    }

    /// <summary>Ends it at once (SIGKILL).</summary>
    public async Task KillAsync()
    {
        _process!.Signal(9);
        _ = await _process.WaitForExitAsync(Limits.Stop);
        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _process = null;
    }
}
