using System.Text.RegularExpressions;
using Relay.Testing.Processes;

namespace Relay.Testing.Admin;

/// <summary>The program relay-admin, as a process.</summary>
public sealed class AdminProcess : IAsyncDisposable
{
    public const int Hangup = 1;
    public const int Terminate = 15;

    private readonly ChildProcess _process;

    public AdminProcess(params string[] arguments)
        : this([], arguments)
    {
    }

    public AdminProcess(Dictionary<string, string> environment, params string[] arguments)
    {
        // A test run that ignores SIGHUP (nohup) would hand that down, and the runtime leaves such a signal alone.
        string[] command = ["env", "--default-signal=HUP", .. OwnProgram.Command("relay-admin", arguments)];
        _process = ChildProcess.Start(command, environment, "relay-admin");
        _process.Input.Close();
    }

    public int Id => _process.Id;

    public string Output => string.Join('\n', _process.Log.Lines);

    /// <summary>Waits for a line; tells all of them where it does not come.</summary>
    public Task SaysAsync(string text) => _process.Log.WaitForAsync(Regex.Escape(text), Eventually.Limit);

    /// <summary>Where it listens.</summary>
    public async Task<Uri> AddressAsync() => new(
        (await _process.Log.WaitForAsync(@"listening on (https?://[^\s""]+)", Eventually.Limit)).Groups[1].Value);

    public void Signal(int signal) => _process.Signal(signal);

    public Task<int> ExitAsync() => _process.WaitForExitAsync(Eventually.Limit);

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
