using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Relay.Hosting.Options;
using Relay.Interop.Tests.Loopback;
using Relay.Interop.Tests.Relays;
using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Lifecycle;

/// <summary>What a service manager and logrotate see.</summary>
public sealed class ServiceTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NotifySocket_HearsReadyReloadingAndStopping(bool isAbstract)
    {
        using var folder = new ScratchFolder();
        using var authority = new TestAuthority();
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        var name = isAbstract ? $"relay-interop-{Guid.NewGuid():N}" : folder.File("notify");
        manager.Bind(new UnixDomainSocketEndPoint(isAbstract ? "\0" + name : name));
        var environment = new Dictionary<string, string> { ["NOTIFY_SOCKET"] = isAbstract ? "@" + name : name };
        await using var relay = await RelayProcess.StartAsync(authority, environment);
        Assert.StartsWith($"READY=1\nSTATUS=Listening on 127.0.0.1:{relay.Port}", await ReceiveAsync(manager),
            StringComparison.Ordinal);
        relay.Signal(Signals.HangUp);
        Assert.Matches("^RELOADING=1\nMONOTONIC_USEC=[0-9]+\n", await ReceiveAsync(manager));
        Assert.StartsWith("READY=1\n", await ReceiveAsync(manager), StringComparison.Ordinal);
        await relay.StopAsync();
        Assert.StartsWith(
            "STOPPING=1\nEXTEND_TIMEOUT_USEC=30000000\n", await ReceiveAsync(manager), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AccessLog_MovedAndHungUp_GoesOnInANewFile()
    {
        using var folder = new ScratchFolder();
        using var authority = new TestAuthority();
        var path = folder.File("access.log");
        await using var relay = await RelayProcess.StartAsync(
            authority, "--access-log", path, "--access-log-targets", "--log-format", "json");
        _ = await LoadRun.AgainstAsync(relay.Port, Limits.Transfer, "tcp-down", "--bytes", "1MiB");
        await relay.Log.WaitForAsync("\"event\":\"TunnelEnded\"", Limits.Exchange);
        File.Move(path, path + ".1");
        relay.Signal(Signals.HangUp);
        await relay.Log.WaitForAsync("\"event\":\"HangUp\"", Limits.Exchange);
        _ = await LoadRun.AgainstAsync(relay.Port, Limits.Transfer, "echo", "--count", "100", "--fail-on-loss", "--timeout", "120");
        await relay.StopAsync();

        var tcp = JsonDocument.Parse(Assert.Single(await File.ReadAllLinesAsync(path + ".1"))).RootElement;
        Assert.Equal(("tcp", "completed", 1), (tcp.GetProperty("type").GetString(),
            tcp.GetProperty("outcome").GetString(), tcp.GetProperty("session").GetInt32()));
        Assert.True(tcp.GetProperty("bytes_down").GetInt64() >= 1024 * 1024);
        Assert.StartsWith("127.0.0.1:", tcp.GetProperty("egress").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("127.0.0.1:", tcp.GetProperty("target").GetString(), StringComparison.Ordinal);
        Assert.False(tcp.TryGetProperty("client", out _));
        var udp = JsonDocument.Parse(Assert.Single(await File.ReadAllLinesAsync(path))).RootElement;
        Assert.Equal(("udp", 2), (udp.GetProperty("type").GetString(), udp.GetProperty("session").GetInt32()));
        Assert.True(udp.GetProperty("datagrams_down").GetInt64() >= 100);
        Assert.All(
            relay.Log.Lines.Where(static line => line.Length > 0),
            static line => Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(line).RootElement.ValueKind));
    }

    [Theory]
    [InlineData("relay-node")]
    [InlineData("relay-admin")]
    public async Task Unit_IsValid_AndKnowsWhatItsProgramTellsAndTakes(string name)
    {
        var program = InstalledProgram.Require("systemd-analyze", "systemd");
        using var folder = new ScratchFolder();
        var unit = Repository.Read($"deploy/systemd/{name}.service");
        // What sd_notify says is heard, and SIGHUP sent.
        Assert.Contains("\nType=notify\nNotifyAccess=main\n", unit, StringComparison.Ordinal);
        Assert.Contains("\nExecReload=/bin/kill -HUP $MAINPID\n", unit, StringComparison.Ordinal);
        // The program of the unit is not installed here; everything else is judged as it is.
        var path = folder.Write(
            $"{name}.service", unit.Replace($"ExecStart={name} ", "ExecStart=/bin/true ", StringComparison.Ordinal)
                // Nor is its manual page, nor its user.
                .Replace($"man:{name}(8) ", "", StringComparison.Ordinal));
        await using var check = ChildProcess.Start(program, ["verify", path]);
        Assert.Equal(0, await check.WaitForExitAsync(Limits.Exchange));
        Assert.DoesNotContain(
            check.Log.Lines, line => line.Contains($"{name}.service", StringComparison.Ordinal));
    }

    // By default systemd gives up a service that it has started five times within ten seconds.
    [Theory]
    [InlineData("relay-node")]
    [InlineData("relay-admin")]
    public void Unit_IsStartedAgain_HoweverOftenItEnds(string program)
    {
        var unit = Repository.Read($"deploy/systemd/{program}.service").Split("[Service]");
        Assert.Contains("\nStartLimitIntervalSec=0\n", unit[0], StringComparison.Ordinal);
        Assert.Contains("\nRestart=on-failure\n", unit[1], StringComparison.Ordinal);
        // But for what another try cannot mend.
        Assert.Contains($"\nRestartPreventExitStatus={ProgramOptions.ConfigurationError}\n", unit[1], StringComparison.Ordinal);
    }

    private static async Task<string> ReceiveAsync(Socket manager)
    {
        var buffer = new byte[4096];
        var length = await manager.ReceiveAsync(buffer, TestContext.Current.CancellationToken)
            .AsTask().WaitAsync(Limits.Exchange);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }
}
