using System.Collections;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Relay.Testing.Processes;

/// <summary>
/// A program that a test started. Whatever becomes of the test, disposing it ends this process and its children, and
/// no others.
/// </summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private const int SignalTerminate = 15;
    private const string OfChildren = "RELAYFLEET_CHILD_";

    /// <summary>
    /// What ./test.sh has for programs that live for seconds, in place of what it has for a project's own process, which runs for
    /// minutes.
    /// </summary>
    private static readonly Dictionary<string, string> EnvironmentOfChildren = Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>()
        .Where(variable => ((string)variable.Key).StartsWith(OfChildren, StringComparison.Ordinal))
        .ToDictionary(variable => ((string)variable.Key)[OfChildren.Length..], variable => (string)variable.Value!);

    private readonly Process _process;

    private ChildProcess(Process process, OutputLog log) => (_process, Log) = (process, log);

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public OutputLog Log { get; }

    public StreamWriter Input => _process.StandardInput;

    public static ChildProcess Start(
        string program,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        string? name = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in EnvironmentOfChildren)
            start.Environment[key] = value;
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
            start.Environment[key] = value;

        var log = new OutputLog(name ?? Path.GetFileName(program));
        var process = new Process { StartInfo = start };
        var open = 2;
        process.OutputDataReceived += OnLine;
        process.ErrorDataReceived += OnLine;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new ChildProcess(process, log);

        void OnLine(object sender, DataReceivedEventArgs received)
        {
            if (received.Data is not null)
                log.Append(received.Data);
            else if (Interlocked.Decrement(ref open) == 0)
                log.End();
        }
    }

    /// <summary>Starts what a whole command says.</summary>
    public static ChildProcess Start(
        string[] command, IReadOnlyDictionary<string, string>? environment = null, string? name = null) =>
        Start(command[0], command[1..], environment, name);

    /// <summary>How much of the memory a process has now.</summary>
    public static long ResidentKib(int process) => long.Parse(
        Regex.Match(File.ReadAllText($"/proc/{process}/status"), @"VmRSS:\s+(\d+) kB").Groups[1].Value);

    /// <summary>Waits for the program to end by itself, its output read to the last line.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan limit)
    {
        using var deadline = Eventually.Deadline(limit);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{_process.StartInfo.FileName} did not end in {limit}. {Log.Describe()}");
        }

        return _process.ExitCode;
    }

    /// <summary>Asks the program to end (SIGTERM) and returns what it ended with.</summary>
    public Task<int> TerminateAsync(TimeSpan limit)
    {
        Signal(SignalTerminate);
        return WaitForExitAsync(limit);
    }

    /// <summary>Sends a signal; a process that has ended hears none.</summary>
    public void Signal(int signal)
    {
        if (!_process.HasExited && Kill(_process.Id, signal) != 0 && !_process.HasExited)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int process, int signal);
}
