namespace Relay.Interop.Tests.Identity;

/// <summary>relay-load as a client that trusts one authority and may have a certificate of its own.</summary>
internal static class LoadProcess
{
    /// <summary>Starts it.</summary>
    public static ChildProcess Start(int port, string authorityPath, string mode, params string[] options) =>
        OwnProgram.Start("relay-load",
        [
            mode, "--relay", $"127.0.0.1:{port}", "--server-name", "localhost", "--ca", authorityPath, "--json", .. options,
        ]);

    /// <summary>
    /// Opens one connection and asks for tunnels: to a client a handshake is complete before the relay has seen its
    /// certificate.
    /// </summary>
    /// <returns>Whether there were answers.</returns>
    public static async Task<bool> ConnectsAsync(int port, string authorityPath, params string[] options)
    {
        await using var process = Start(port, authorityPath, "probe", ["--http", "3", "--timeout", "60", .. options]);
        return await process.WaitForExitAsync(Limits.Exchange) == 0;
    }

    /// <summary>Asks for a UDP and a TCP tunnel.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<string> ProbeAsync(int port, string authorityPath, params string[] options)
    {
        await using var process = Start(port, authorityPath, "probe", ["--http", "3", "--timeout", "60", .. options]);
        Assert.True(await process.WaitForExitAsync(Limits.Exchange) == 0, process.Log.Describe());
        return string.Join('\n', process.Log.Lines);
    }
}
