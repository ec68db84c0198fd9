using Relay.Interop.Tests.Loopback;
using Relay.Testing.Certificates;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Lifecycle;

/// <summary>A log that nobody reads any more, as when its collector hangs: lines are lost, and nothing waits for them.</summary>
public sealed class StuckLogTests
{
    [Fact]
    public async Task Lines_ThatNobodyReads_HoldUpNobody()
    {
        const string Launcher = """ exec "$@" 2>"$0" """;
        using var authority = new TestAuthority();
        using var folder = new ScratchFolder();
        using var certificate = authority.IssueServer("localhost", "127.0.0.1");
        var files = CertificateFiles.Write(folder, "relay", certificate);
        var (pipe, port) = (folder.File("log"), Ports.FreeUdp());
        await using var make = ChildProcess.Start("mkfifo", [pipe]);
        Assert.Equal(0, await make.WaitForExitAsync(Limits.Exchange));
        // For both ways: it opens at once, and the pipe has a reader.
        await using var log = new FileStream(pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        await using var relay = ChildProcess.Start(
        [
            "sh", "-c", Launcher, pipe,
            .. OwnProgram.Command(
                "relay-node", "-a", $"127.0.0.1:{port}", "--tls-cert-path", files.Certificate, "--tls-private-key-path", files.Key,
                "--allow-target", "127.0.0.0/8", "--log-level", "debug", "--workers", "1"),
        ]);
        await ReadUntilAsync(log, "listening");

        // Two lines of each connection, more than the pipe and a queue of 2500 lines hold.
        var handshakes = await LoadRun.AgainstAsync(port, Limits.Transfer, "handshakes", "--count", "2500", "--parallel", "8");
        Assert.Equal(2500, handshakes["completed"]);
        _ = await LoadRun.AgainstAsync(port, Limits.Transfer, "echo", "--count", "1000", "--fail-on-loss", "--timeout", "120");
    }

    private static async Task ReadUntilAsync(FileStream log, string text)
    {
        using var deadline = Eventually.Deadline(Limits.Start);
        var (read, buffer) = (new System.Text.StringBuilder(), new byte[4096]);
        while (!read.ToString().Contains(text, StringComparison.Ordinal))
            read.Append(System.Text.Encoding.UTF8.GetString(buffer, 0, await log.ReadAsync(buffer, deadline.Token)));
    }
}
