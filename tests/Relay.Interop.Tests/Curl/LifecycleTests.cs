using System.Net.Sockets;
using Relay.Interop.Tests.Lifecycle;
using Relay.Interop.Tests.Tls;

namespace Relay.Interop.Tests.Curl;

/// <summary>The ends of a client, and of its relay, while a tunnel is open by HTTP/1.1 and by HTTP/2.</summary>
public sealed class LifecycleTests
{
    /// <summary>By HTTP/2 curl ends its tunnel with the first GOAWAY: another client is asked in the next.</summary>
    [Fact]
    public async Task Terminate_WhatRunsFinishes_AndNothingNewIsTaken()
    {
        const string version = "1.1";
        await using var world = await CurlWorld.StartAsync("--graceful-shutdown-timeout-secs", "600");
        await using var download = await HeldDownload.StartAsync(world, version);
        await world.AssertCountedAsync(version, 1);
        world.Relay.Signal(Signals.Terminate);
        await world.Relay.Log.WaitForAsync("draining: 1 tunnel", Limits.AtOnce);

        // A reset, which may come before the connection is known to be there or after (curl(1), EXIT CODES).
        var (status, output) = await world.EndAsync(version, $"{world.Site.PlainAddress}/");
        Assert.True(status is 7 or 35, $"{status}: {output}");
        Assert.Empty(world.Site.Requests);

        await download.FinishAsync();
        Assert.Equal(0, await world.Relay.WaitForExitAsync(Limits.AtOnce));
        await world.Relay.Log.WaitForAsync(@"drained: 1 tunnel\(s\) finished, 0 ended by force", Limits.AtOnce);
        await world.AssertLoggedAsync(version, 1);
    }

    [Fact]
    public async Task Terminate_Http2Tunnel_GoesOn_AndNothingNewIsTaken()
    {
        await using var world = await CurlWorld.StartAsync("--graceful-shutdown-timeout-secs", "600");
        using var target = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var client = UdpTunnel.Client();
        using (var tunnel = await UdpTunnel.OpenAsync(client, world.Relay.Port, target.Client.LocalEndPoint!))
        {
            await world.AssertCountedAsync("2", 1);
            world.Relay.Signal(Signals.Terminate);
            await world.Relay.Log.WaitForAsync("draining: 1 tunnel", Limits.AtOnce);

            using var late = UdpTunnel.Client();
            await Assert.ThrowsAsync<HttpRequestException>(
                () => UdpTunnel.OpenAsync(late, world.Relay.Port, target.Client.LocalEndPoint!));

            await tunnel.SendAsync("question"u8.ToArray());
            var question = await target.ReceiveAsync(TestContext.Current.CancellationToken);
            Assert.Equal("question"u8.ToArray(), question.Buffer);
            await target.SendAsync("answer"u8.ToArray(), question.RemoteEndPoint, TestContext.Current.CancellationToken);
            Assert.Equal("answer"u8.ToArray(), await tunnel.ReceiveAsync());
        }
        Assert.Equal(0, await world.Relay.WaitForExitAsync(Limits.AtOnce));
        await world.Relay.Log.WaitForAsync(@"drained: 1 tunnel\(s\) finished, 0 ended by force", Limits.AtOnce);
        await world.AssertLoggedAsync("2", 1, "udp");
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2")]
    public async Task Client_KilledDuringADownload_ItsTargetIsResetAndTheTunnelIsAborted(string version)
    {
        await using var world = await CurlWorld.StartAsync();
        await using var download = await HeldDownload.StartAsync(world, version);

        await Assert.ThrowsAsync<IOException>(download.KillAsync);

        await world.Relay.Log.WaitForAsync($@"\bhttp={version} type=tcp outcome=client_aborted\b", Limits.Exchange);
        await world.AssertTunnelsAsync(version, 1);
        await world.Relay.StopAsync();
    }
}
