using System.Diagnostics;

namespace Relay.Node.Tests.Processes;

/// <summary>Runs relay-node to its end.</summary>
internal static class NodeProcess
{
    public static async Task<(int ExitCode, string[] Errors)> RunAsync(params string[] arguments)
    {
        var (status, _, errors) = await RunCommandAsync(Command(arguments));
        return (status, errors);
    }

    /// <summary>Runs it, and keeps what it writes to standard output as well.</summary>
    public static Task<(int ExitCode, string[] Output, string[] Errors)> RunToEndAsync(params string[] arguments) =>
        RunCommandAsync(Command(arguments));

    /// <summary>Runs it with so many open files at most.</summary>
    public static async Task<(int ExitCode, string[] Errors)> RunLimitedAsync(int files, params string[] arguments)
    {
        var (status, _, errors) = await RunCommandAsync(["sh", "-c", $"ulimit -n {files} && exec \"$@\"", "sh", .. Command(arguments)]);
        return (status, errors);
    }

    /// <summary>Runs it where a native library is hidden, in a mount namespace of its own.</summary>
    public static async Task<(int ExitCode, string[] Errors)> RunWithoutAsync(string library, params string[] arguments)
    {
        var (status, _, errors) = await RunCommandAsync(
            ["unshare", "--mount", "sh", "-c", $"mount --bind /dev/null '{library}' && exec \"$@\"", "sh", .. Command(arguments)]);
        return (status, errors);
    }

    private static string[] Command(string[] arguments) => OwnProgram.Command("relay-node", arguments);

    private static async Task<(int ExitCode, string[] Output, string[] Errors)> RunCommandAsync(string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = await process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, Lines(await output), Lines(errors));
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
