using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Relay.Node.Fleet;

/// <summary>
/// The operator's command for leases: told of each before its first use (<c>gained</c>) and after its last
/// (<c>lost</c>), one at a time. What it comes to is logged, and told to who runs it.
/// </summary>
/// <param name="command">For <c>/bin/sh -c</c>.</param>
/// <param name="node">The node's name.</param>
/// <param name="log">Where to say what came of it.</param>
internal sealed class LeaseHook(string command, string node, ILogger log)
{
    private const int MaxOutput = 1024;

    /// <summary>How long one run may take before it is killed.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Runs the command.</summary>
    /// <param name="event"><c>gained</c> or <c>lost</c>.</param>
    /// <param name="lease">The lease.</param>
    /// <returns>Why it failed; null when it succeeded.</returns>
    public async Task<string?> RunAsync(string @event, HeldLease lease)
    {
        try
        {
            using var process = Start(@event, lease);
            var output = ReadAsync(process.StandardError);
            _ = ReadAsync(process.StandardOutput);
            using var limit = new CancellationTokenSource(Limit);
            try
            {
                await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                return Failed(@event, lease, $"killed: it took longer than {Limit.TotalSeconds} s");
            }
            if (process.ExitCode != 0)
            {
                var tail = await TailAsync(output).ConfigureAwait(false);
                return Failed(@event, lease, $"exit status {process.ExitCode}{tail}");
            }
            Log.LeaseHookDone(log, @event, lease.Prefix);
            return null;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            return Failed(@event, lease, e.Message);
        }
    }

    private string Failed(string @event, HeldLease lease, string failure)
    {
        Log.LeaseHookFailed(log, @event, lease.Prefix, failure);
        return failure;
    }

    private Process Start(string @event, HeldLease lease)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["RELAY_LEASE_EVENT"] = @event;
        start.Environment["RELAY_LEASE_PREFIX"] = lease.Prefix.ToString();
        start.Environment["RELAY_LEASE_POOL"] = lease.Pool;
        start.Environment["RELAY_LEASE_EPOCH"] = lease.Epoch.ToString(CultureInfo.InvariantCulture);
        start.Environment["RELAY_NODE_ID"] = node;
        var process = Process.Start(start) ?? throw new InvalidOperationException("/bin/sh did not start");
        process.StandardInput.Close();
        return process;
    }

    // Whatever it says is read, so that it does not wait for a full pipe; the beginning is kept.
    private static async Task<string> ReadAsync(StreamReader reader)
    {
        var kept = new StringBuilder();
        var buffer = new char[256];
        try
        {
            for (int read; (read = await reader.ReadAsync(buffer).ConfigureAwait(false)) > 0;)
                kept.Append(buffer, 0, Math.Min(read, MaxOutput - kept.Length));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The process was given up.
        }
        return kept.ToString();
    }

    // A child that it left behind may keep the pipe open.
    private static async Task<string> TailAsync(Task<string> output)
    {
        await Task.WhenAny(output, Task.Delay(TimeSpan.FromSeconds(1))).ConfigureAwait(false);
        if (!output.IsCompletedSuccessfully || output.Result.Trim() is not { Length: > 0 } text)
            return "";
        return ": " + string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c));
    }
}
