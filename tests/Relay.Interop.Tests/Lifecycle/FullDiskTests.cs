using Relay.Interop.Tests.Loopback;
using Relay.Interop.Tests.Relays;
using Relay.Testing.Certificates;
using Relay.Testing.Network;

namespace Relay.Interop.Tests.Lifecycle;

/// <summary>A node whose disk is full: its logs lose lines, its tunnels nothing.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly SmallDisk _disk = new();

    public void Dispose()
    {
        _authority.Dispose();
        _disk.Dispose();
    }

    [Fact]
    public async Task AccessLog_LosesItsLines_SaysSoOnce_AndGoesOnWithWholeOnes()
    {
        await using var relay = await RelayProcess.StartOnAsync(_authority, _disk, "--access-log", _disk.PathOf("access.log"));
        await RunAsync(relay.Port, flows: 3);
        await Eventually.HoldsAsync(() => LinesOf(relay).Length == 3);

        _disk.Fill(relay.Id);
        // More lines than the last page that the file already has can hold.
        await RunAsync(relay.Port, flows: 60);
        await relay.Log.WaitForAsync("access lines are lost: .*No space left", Limits.Exchange);
        await RunAsync(relay.Port, flows: 60);
        await relay.Log.WaitForAsync("UDP tunnel ended", Limits.Exchange, 123);

        _disk.Empty(relay.Id);
        await Eventually.HoldsAsync(async () =>
        {
            await RunAsync(relay.Port, flows: 1);
            return LinesOf(relay).Length > 3;
        });
        await relay.StopAsync();
        Assert.Single(relay.Log.Lines, static line => line.Contains("access lines are lost", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Log_LosesItsLines_AndNothingElse()
    {
        const string Launcher = """ exec "$@" 2>"$0" """;
        using var folder = new ScratchFolder();
        using var certificate = _authority.IssueServer("localhost", "127.0.0.1");
        var files = CertificateFiles.Write(folder, "relay", certificate);
        var port = Ports.FreeUdp();
        await using var relay = ChildProcess.Start(_disk.Wrap(
        [
            "sh", "-c", Launcher, _disk.PathOf("log"),
            .. OwnProgram.Command(
                "relay-node", "-a", $"127.0.0.1:{port}", "--tls-cert-path", files.Certificate, "--tls-private-key-path", files.Key,
                "--allow-target", "127.0.0.0/8", "--log-level", "debug"),
        ]));
        var log = _disk.Seen(relay.Id, "log");
        await Eventually.HoldsAsync(() => File.Exists(log) && File.ReadAllText(log).Contains("listening", StringComparison.Ordinal));

        _disk.Fill(relay.Id);
        for (var i = 0; i < 3; i++)
            await RunAsync(port, flows: 60);
        _disk.Empty(relay.Id);
        var full = new FileInfo(log).Length;
        await RunAsync(port, flows: 1);
        await Eventually.HoldsAsync(() => new FileInfo(log).Length > full);
        Assert.Equal(0, await relay.TerminateAsync(Limits.Stop));
    }

    /// <summary>The lines that there are, each of which is whole.</summary>
    private string[] LinesOf(RelayProcess relay)
    {
        var text = File.ReadAllText(_disk.Seen(relay.Id, "access.log"));
        var lines = text.Split('\n');
        Assert.Equal("", lines[^1]);
        Assert.All(lines[..^1], static line => Assert.Matches("^time=[^ ]+ session=.* type=udp .* identity=anonymous$", line));
        return lines[..^1];
    }

    private static Task<LoadRun> RunAsync(int port, int flows) => LoadRun.AgainstAsync(
        port, Limits.Transfer, "echo", "--flows", $"{flows}", "--count", $"{10 * flows}", "--window", "2", "--fail-on-loss",
        "--timeout", "120");
}
