using System.Net.Sockets;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Fleet.World;

/// <summary>relay-admin as an operator runs it, on a port that it keeps over restarts.</summary>
internal sealed class Coordinator(
    string tokens, IReadOnlyList<string> options, string scheme = "http", NetworkNamespace? network = null)
    : IAsyncDisposable
{
    private ChildProcess? _process;
    private TcpSwitch? _way;

    /// <summary>Where it answers.</summary>
    public Uri Address { get; } =
        new($"{scheme}://127.0.0.1:{Ports.FreeTcp()}");

    /// <summary>Whether it was started and not ended.</summary>
    public bool IsRunning => _process is not null;

    /// <summary>Starts it, and waits until it answers.</summary>
    public async Task StartAsync()
    {
        var command = OwnProgram.Command(
            "relay-admin", ["--admin-address", Address.Authority, "--admin-token-file", tokens, .. options]);
        _process = network?.Start(command, name: "relay-admin") ?? ChildProcess.Start(command, name: "relay-admin");
        // Where it is in a network of its own it is asked by way of the same port here.
        if (network is not null)
            _way ??= new TcpSwitch(Address.Port, Address.Port, () => network.Run(static () =>
                new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)));
        await _process.Log.WaitForAsync("listening on|Listening on", Limits.Start);
    }

    /// <summary>Starts it again where it has ended by itself, as whoever supervises it does.</summary>
    public async Task ReviveAsync()
    {
        if (_process is not { HasExited: true } ended)
            return;
        await ended.DisposeAsync();
        await StartAsync();
    }

    /// <summary>Ends it in order.</summary>
    public async Task StopAsync()
    {
        var status = await _process!.TerminateAsync(Limits.Stop);
        Assert.True(status == 0, $"relay-admin ended with {status} after SIGTERM. {_process.Log.Describe()}");
        await DisposeAsync();
    }

    /// <summary>Ends it at once (SIGKILL).</summary>
    public async Task KillAsync()
    {
        _process!.Signal(9);
        _ = await _process.WaitForExitAsync(Limits.Stop);
        await DisposeAsync();
    }

    /// <summary>Sends it a signal.</summary>
    public void Signal(int signal) => _process!.Signal(signal);

    /// <summary>Waits until it has ended by itself, and gives its exit status.</summary>
    public Task<int> ExitAsync() => _process!.WaitForExitAsync(Limits.Transfer);

    /// <summary>What it wrote, for a failure's message.</summary>
    public string Describe() => _process?.Log.Describe() ?? "relay-admin does not run";

    public async ValueTask DisposeAsync()
    {
        var (process, way) = (_process, _way);
        (_process, _way) = (null, null);
        if (way is not null)
            await way.DisposeAsync();
        if (process is not null)
            await process.DisposeAsync();
    }
}
