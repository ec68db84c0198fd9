using System.Net.Sockets;
using System.Security.Cryptography;
using Relay.Interop.Tests.Curl;
using Relay.Interop.Tests.Lifecycle;
using Relay.Interop.Tests.Relays;
using Relay.Node.Options;
using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Tls;

/// <summary>The end of a relay while clients over TCP have tunnels.</summary>
public sealed class DrainTests
{
    private const ulong Never = 100_000_000_000_000;

    [Theory]
    [InlineData("http/1.1")]
    [InlineData("h2")]
    public async Task Terminate_DuringADownload_AllOfItArrives(string protocol)
    {
        const int first = 1000;
        var content = RandomNumberGenerator.GetBytes(16 << 20);
        var cancel = TestContext.Current.CancellationToken;
        await using var world = await CurlWorld.StartAsync("--graceful-shutdown-timeout-secs", "600");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var tunnel = await RawTunnel.OpenAsync(
            await TlsClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, world.Relay.Port), protocol, world.Trust),
            listener.LocalEndpoint);
        using var target = await listener.AcceptTcpClientAsync(cancel);
        await target.GetStream().WriteAsync(content.AsMemory(0, first), cancel);
        Assert.Equal(content[..first], await tunnel.ReceiveAsync(first));

        world.Relay.Signal(Signals.Terminate);
        await world.Relay.Log.WaitForAsync("draining: 1 tunnel", Limits.AtOnce);
        var receiving = tunnel.ReceiveToEndAsync();
        await target.GetStream().WriteAsync(content.AsMemory(first), cancel);
        target.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(content[first..], await receiving);
        Assert.Equal(protocol == "h2", tunnel.IsToldToLeave);
        await tunnel.EndAsync();

        Assert.Equal(0, await world.Relay.WaitForExitAsync(Limits.Stop));
        await world.Relay.Log.WaitForAsync(@"drained: 1 tunnel\(s\) finished, 0 ended by force", Limits.AtOnce);
        await world.Relay.Log.WaitForAsync(
            $@"\bhttp={(protocol == "h2" ? "2" : @"1\.1")} type=tcp outcome=completed\b", Limits.AtOnce);
    }

    // There is no room on the way to a client that reads nothing; for its last words the relay would wait for good.
    [Fact]
    public async Task Hurry_DuringTheFarewell_EndsIt()
    {
        using var authority = new TestAuthority();
        using var folder = new ScratchFolder();
        await using var node = NodeInProcess.Start(authority, folder, workers: 1, change: static config => config with
        {
            ClientSilence = new ClientSilence { LastWords = Never, Farewell = Never },
        });
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var tunnel = await RawTunnel.OpenAsync(
            await TlsClient.ConnectAsync(
                new IPEndPoint(IPAddress.Loopback, node.Port), "h2", folder.Write("ca.pem", authority.Pem)),
            listener.LocalEndpoint);
        using var target = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await FillAsync(target, node);

        using var hurry = new CancellationTokenSource();
        var drain = node.Server.DrainAsync(TimeSpan.Zero, hurry.Token);
        await Eventually.HoldsAsync(() => node.Server.Load.Tunnels == 0);
        Assert.False(drain.IsCompleted);
        await hurry.CancelAsync();
        await drain.WaitAsync(Limits.Stop, TestContext.Current.CancellationToken);
        Assert.Equal(1, node.Server.ReadCounters().DrainedForced);
    }

    /// <summary>Sends until the relay has taken nothing, and passed nothing on, for a while.</summary>
    private static async Task FillAsync(TcpClient target, NodeInProcess node)
    {
        const int looks = 100;
        target.Client.Blocking = false;
        var block = new byte[64 * 1024];
        var (still, passed) = (0, 0L);
        await Eventually.HoldsAsync(() =>
        {
            _ = target.Client.Send(block, SocketFlags.None, out var error);
            var before = passed;
            passed = node.Server.ReadCounters().DownstreamBytes;
            still = error == SocketError.WouldBlock && passed == before ? still + 1 : 0;
            return still == looks;
        });
        Assert.Equal(1, node.Server.Load.Tunnels);
    }
}
