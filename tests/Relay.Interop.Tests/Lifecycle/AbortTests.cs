using Relay.Interop.Tests.Fleet.World;
using Relay.Interop.Tests.Loopback;
using Relay.Interop.Tests.Relays;
using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Lifecycle;

/// <summary>
/// The engine's libraries end the process where an invariant of theirs is broken: assert(3) calls abort(3), which raises SIGABRT, and
/// again where a handler has returned, as .NET's does the first time. So does the test.
/// </summary>
public sealed class AbortTests
{
    /// <summary>How a shell, and .NET, tell of a process that SIGABRT ended.</summary>
    private const int Aborted = 128 + Signals.Abort;

    [Fact]
    public async Task Aborted_UnderLoad_CostsItsOwnTunnels_AndWhoIsStartedInItsPlaceTellsItsClients()
    {
        using var authority = new TestAuthority();
        using var folder = new ScratchFolder();
        using var certificate = authority.IssueServer(RelayProcess.Name, "localhost", "127.0.0.1");
        var files = CertificateFiles.Write(folder, "relay", certificate);
        await using var relay = await RelayProcess.StartAsync(files);
        await using var beside = await RelayProcess.StartAsync(authority);
        await using var tunnel3 = await HeldTunnel.OpenAsync(relay.Port, "a relay that aborts");
        await using var tunnel2 = await HeldTunnel.OpenAsync(relay.Port, "a relay that aborts", "--http", "2");
        await using var tunnel1 = await HeldTunnel.OpenAsync(relay.Port, "a relay that aborts", "--http", "1");
        await using var other = await HeldTunnel.OpenAsync(beside.Port, "a relay beside it");
        await using var download = LoadRun.Start(relay.Port, "tcp-down", "--bytes", "1TiB", "--flows", "8");
        await using var echo = LoadRun.Start(relay.Port, "echo", "--duration", "3600");
        await relay.Log.WaitForAsync("connection established", Limits.Exchange, 5);

        await Eventually.HoldsAsync(() =>
        {
            relay.Signal(Signals.Abort);
            return relay.HasExited;
        });
        Assert.Equal(Aborted, await relay.WaitForExitAsync(Limits.Stop));
        // Over TCP the kernel tells both sides at once.
        await tunnel2.EndsAsync();
        await tunnel1.EndsAsync();
        await other.ExchangeAsync();

        await using var again = await RelayProcess.StartAsync(files, relay.Port);
        await tunnel3.LearnsThatItIsLostAsync();
        foreach (var load in (ChildProcess[])[download, echo])
            Assert.Equal(1, await load.WaitForExitAsync(Limits.Exchange));
        await using var anew = await HeldTunnel.OpenAsync(again.Port, "the relay in its place");
        await other.ExchangeAsync();
        await again.StopAsync();
    }
}
