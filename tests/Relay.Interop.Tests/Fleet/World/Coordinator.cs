using System.Globalization;
using Relay.Testing.Network;
using Relay.Testing.Processes;

namespace Relay.Interop.Tests.Fleet.World;

/// <summary>relay-admin as an operator runs it, on a port that it keeps over restarts.</summary>
internal sealed class Coordinator(string tokens, IReadOnlyList<string> options, string scheme = "http") : IAsyncDisposable
{
    private ChildProcess? _process;

    /// <summary>Where it answers.</summary>
    public Uri Address { get; } =
        new(string.Create(CultureInfo.InvariantCulture, $"{scheme}://127.0.0.1:{Ports.FreeTcp()}"));

    /// <summary>Whether it was started and not ended.</summary>
    public bool IsRunning => _process is not null;

    /// <summary>Starts it, and waits until it answers.</summary>
    public async Task StartAsync()
    {
        _process = ChildProcess.Start(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "relay-admin.dll"),
                "--admin-address", Address.Authority, "--admin-token-file", tokens, .. options,
            ],
            name: "relay-admin");
        await _process.Log.WaitForAsync("listening on|Listening on", Limits.Start);
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
        if (_process is not null)
            await _process.DisposeAsync();
        _process = null;
    }
}
