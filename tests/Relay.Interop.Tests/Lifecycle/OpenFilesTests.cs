using System.Net.Sockets;
using Relay.Interop.Tests.Egress.Client;
using Relay.Interop.Tests.Fleet.World;
using Relay.Interop.Tests.Loopback;
using Relay.Interop.Tests.Relays;
using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Lifecycle;

/// <summary>A process that may open few files: tunnels must leave it those that it needs itself.</summary>
public sealed class OpenFilesTests
{
    private const int Files = 320;

    [Fact]
    public async Task Tunnels_BeyondWhatOpenFilesHold_AreRefused_AndTheProcessGoesOn()
    {
        using var authority = new TestAuthority();
        using var target = new TcpListener(IPAddress.Loopback, 0);
        target.Start(backlog: 1024);
        await using var relay = await RelayProcess.StartLimitedAsync(authority, Files, "--workers", "1");
        await relay.Log.WaitForAsync($"--max-tunnels is .* RLIMIT_NOFILE is {Files}", Limits.AtOnce);
        using var client = RelayClient.Start(new IPEndPoint(IPAddress.Loopback, relay.Port));
        var connection = await client.ConnectAsync();
        var address = target.LocalEndpoint.ToString()!;
        var open = new List<TcpTestTunnel>();
        var refused = 0;
        while (refused < 8 && open.Count < Files)
        {
            var tunnel = await client.RequestTcpAsync(connection, address);
            var answer = await tunnel.Signals.Answer;
            if (answer.StartsWith("status 200;", StringComparison.Ordinal))
            {
                open.Add(tunnel);
                continue;
            }
            Assert.StartsWith("status 503;", answer, StringComparison.Ordinal);
            Assert.Contains("error=connection_limit_reached", answer, StringComparison.Ordinal);
            refused++;
        }
        Assert.InRange(open.Count, 64, Files - 64);
        var files = Directory.EnumerateFileSystemEntries($"/proc/{relay.Id}/fd").Count();
        Assert.InRange(files, open.Count, Files - (Files / 8));

        // What has ended makes room, and the process ends in order.
        foreach (var tunnel in open)
            tunnel.End();
        for (var i = 0; i < open.Count; i++)
            (await target.AcceptTcpClientAsync(TestContext.Current.CancellationToken)).Dispose();
        await Task.WhenAll(open.Select(static tunnel => tunnel.Signals.Closed)).WaitAsync(Limits.Exchange);
        _ = await client.OpenTcpAsync(connection, address);
        await relay.StopAsync();
    }

    [Fact]
    public async Task Connections_BeyondWhatOpenFilesHold_AreClosed_AndThereIsRoomWhenTheyAreGone()
    {
        using var authority = new TestAuthority();
        await using var relay = await RelayProcess.StartLimitedAsync(
            authority, Files, "--workers", "1", "--handshake-timeout-secs", "3600");
        await using var tunnel = await HeldTunnel.OpenAsync(relay.Port, "a relay that is full");
        var sockets = new List<Socket>();
        try
        {
            // None of them says anything, and each takes a descriptor of the relay.
            for (var i = 0; i < Files; i++)
            {
                sockets.Add(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                await sockets[^1].ConnectAsync(IPAddress.Loopback, relay.Port, TestContext.Current.CancellationToken);
            }
            await Eventually.HoldsAsync(() => sockets.Count(IsClosed) >= 4, "the relay closes some");
            var files = Directory.EnumerateFileSystemEntries($"/proc/{relay.Id}/fd").Count();
            Assert.InRange(files, 64, Files - (Files / 8));
            await tunnel.ExchangeAsync();
        }
        finally
        {
            sockets.ForEach(static socket => socket.Dispose());
        }
        await Eventually.HoldsAsync(
            () => Directory.EnumerateFileSystemEntries($"/proc/{relay.Id}/fd").Count() < Files / 2, "it closes them all");
        foreach (var http in (string[])["1", "2", "3"])
            _ = await LoadRun.AgainstAsync(
                relay.Port, Limits.Exchange, "echo", "--http", http, "--count", "100", "--fail-on-loss", "--timeout", "120");
        await tunnel.ExchangeAsync();
        await tunnel.CloseAsync();
        await relay.StopAsync();
    }

    private static bool IsClosed(Socket socket)
    {
        try
        {
            return socket.Poll(0, SelectMode.SelectRead) && socket.Receive(new byte[1]) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
