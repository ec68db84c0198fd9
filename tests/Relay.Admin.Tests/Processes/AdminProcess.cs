using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Relay.Admin.Tests.World;

namespace Relay.Admin.Tests.Processes;

/// <summary>The program relay-admin, as a process.</summary>
public sealed partial class AdminProcess : IAsyncDisposable
{
    public const int Hangup = 1;
    public const int Terminate = 15;

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    public AdminProcess(params string[] arguments)
        : this([], arguments)
    {
    }

    public AdminProcess(Dictionary<string, string> environment, params string[] arguments)
    {
        // A test run that ignores SIGHUP (nohup) would hand that down, and the runtime leaves such a signal alone.
        var start = new ProcessStartInfo("env")
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        start.ArgumentList.Add("--default-signal=HUP");
        start.ArgumentList.Add("dotnet");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "relay-admin.dll"));
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Start();
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        _process.StandardInput.Close();
    }

    public string Output => string.Join('\n', _output);

    /// <summary>Waits for a line; tells all of them where it does not come.</summary>
    public Task SaysAsync(string text) => Eventually.HoldsAsync(() =>
    {
        var isThere = Output.Contains(text, StringComparison.Ordinal);
        Assert.True(isThere || !_process.HasExited || Output.Contains(text, StringComparison.Ordinal),
            $"it ended: {Output}");
        return isThere;
    }, $"'{text}' in the output");

    /// <summary>Where it listens.</summary>
    public async Task<Uri> AddressAsync()
    {
        await SaysAsync("listening on");
        return new Uri(Listening().Match(Output).Groups[1].Value);
    }

    public void Signal(int signal) => Assert.Equal(0, Kill(_process.Id, signal));

    public async Task<int> ExitAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is not null)
            _output.Enqueue(line);
    }

    [GeneratedRegex(@"listening on (https?://[^\s""]+)")]
    private static partial Regex Listening();

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int process, int signal);
}
