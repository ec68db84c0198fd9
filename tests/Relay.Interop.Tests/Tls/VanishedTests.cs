using System.Net.Security;
using System.Net.Sockets;
using Relay.Node.Counters;
using Relay.Node.Egress;
using Relay.Node.Options;

namespace Relay.Interop.Tests.Tls;

/// <summary>
/// Clients over TCP whose machine has left its network. Of the ways to notice it each test has one that is short, and the
/// others as they are, or longer.
/// </summary>
public sealed class VanishedTests
{
    private const ulong Second = 1_000_000_000;
    private const ulong Never = 100_000 * Second;

    private static readonly ClientSilence Patient = new()
    {
        KeepAlive = new KeepaliveConfig(Idle: 30_000, Interval: 1, Probes: 100),
        WhileIdle = Never,
        WhileOwing = Never,
        AfterGoAway = Never,
    };

    // Where TCP_USER_TIMEOUT is set, it counts in place of the number of probes (tcp(7)).
    [Theory]
    [InlineData("http/1.1")]
    [InlineData("h2")]
    public Task Probes_OfTheKernel_FindWhoHasNothingToAcknowledge(string protocol) => AssertFoundAsync(
        protocol,
        Patient with { KeepAlive = new KeepaliveConfig(Idle: 1, Interval: 1, Probes: 100), Unacknowledged = 2 * Second },
        floods: false);

    [Theory]
    [InlineData("http/1.1")]
    [InlineData("h2")]
    public Task UserTimeout_OfTheKernel_FindsWhoHasSomethingToAcknowledge(string protocol) => AssertFoundAsync(
        protocol, Patient with { Unacknowledged = Second }, floods: true);

    // Its kernel is asked every second: a test that is slow is none that has vanished.
    [Theory]
    [InlineData("http/1.1")]
    [InlineData("h2")]
    public Task Sampler_FindsWhoHasNothingToAcknowledge(string protocol) => AssertFoundAsync(
        protocol,
        Patient with { KeepAlive = new KeepaliveConfig(Idle: 1, Interval: 1, Probes: 100), WhileIdle = 4 * Second },
        floods: false);

    [Theory]
    [InlineData("http/1.1")]
    [InlineData("h2")]
    public Task Sampler_FindsWhoHasSomethingToAcknowledge(string protocol) => AssertFoundAsync(
        protocol,
        Patient with
        {
            KeepAlive = new KeepaliveConfig(Idle: 1, Interval: 1, Probes: 100),
            WhileIdle = 4 * Second,
            WhileOwing = 5 * Second,
        },
        floods: true);

    // The one that lives says nothing by itself either: its kernel is asked, and answers.
    [Theory]
    [InlineData("http/1.1")]
    [InlineData("h2")]
    public async Task Drain_IsNotHeldUpByWhoVanished_AndWaitsForWhoIsThere(string protocol)
    {
        await using var link = await LossyLink.StartAsync(static config =>
            config with { ClientSilence = Patient with { AfterGoAway = 5 * Second, LastWords = Second } });
        var (gone, here) = (await link.AddAsync(), await link.AddAsync());
        using var target = link.Listen();
        using var lost = await OpenAsync(await gone.ConnectAsync(new SslApplicationProtocol(protocol)), target);
        using var kept = await OpenAsync(await here.ConnectAsync(new SslApplicationProtocol(protocol)), target);
        await gone.VanishAsync();

        var drain = link.Node.Server.DrainAsync(Limits.Transfer, CancellationToken.None);
        Assert.Equal(0, await ReadToEndAsync(lost.Target));
        await Eventually.HoldsAsync(() => Ended(link, TunnelOutcome.IdleTimeout) == 1);
        Assert.Equal(1, link.Node.Server.Load.Tunnels);
        Assert.False(drain.IsCompleted);

        await kept.Target.WriteAsync("still here"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal("still here"u8.ToArray(), await kept.Client.ReceiveAsync(10));
        kept.Target.Socket.Shutdown(SocketShutdown.Send);
        await kept.Client.EndAsync();
        await drain.WaitAsync(Limits.Stop, TestContext.Current.CancellationToken);
        Assert.Equal((1, 1), (Ended(link, TunnelOutcome.IdleTimeout), Ended(link, TunnelOutcome.Completed)));
    }

    private static async Task AssertFoundAsync(string protocol, ClientSilence silence, bool floods)
    {
        await using var link = await LossyLink.StartAsync(config => config with { ClientSilence = silence });
        var machine = await link.AddAsync();
        using var target = link.Listen();
        using var tunnel = await OpenAsync(await machine.ConnectAsync(new SslApplicationProtocol(protocol)), target);
        await machine.VanishAsync();
        if (floods)
            await FloodAsync(tunnel.Target);
        else
            _ = await ReadToEndAsync(tunnel.Target);
        await Eventually.HoldsAsync(() => link.Node.Server.Load is (0, 0));
        await Eventually.HoldsAsync(() => Ended(link, TunnelOutcome.IdleTimeout) == 1);
    }

    private static long Ended(LossyLink link, TunnelOutcome outcome) => link.Node.Server.ReadCounters().Ended(outcome);

    private static async Task<OpenTunnel> OpenAsync(SslStream client, TcpListener target)
    {
        using var deadline = Eventually.Deadline(Limits.Exchange);
        var accepting = target.AcceptTcpClientAsync(deadline.Token);
        var tunnel = await RawTunnel.OpenAsync(client, target.LocalEndpoint);
        var accepted = await accepting;
        // What the client sends acknowledges all that it has read, which its kernel might put off.
        await tunnel.SendAsync("x"u8.ToArray());
        await accepted.GetStream().ReadExactlyAsync(new byte[1], deadline.Token);
        return new OpenTunnel(tunnel, accepted);
    }

    /// <summary>Reads until the relay ends the target's connection, in whatever way.</summary>
    private static async Task<int> ReadToEndAsync(NetworkStream target)
    {
        using var deadline = Eventually.Deadline(Limits.Exchange);
        try
        {
            return await target.ReadAsync(new byte[1], deadline.Token);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>Sends until the relay takes no more of it for good.</summary>
    private static async Task FloodAsync(NetworkStream target)
    {
        using var deadline = Eventually.Deadline(Limits.Exchange);
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            for (var block = new byte[64 * 1024]; ;)
                await target.WriteAsync(block, deadline.Token);
        });
    }

    private sealed record OpenTunnel(RawTunnel Client, TcpClient Accepted) : IDisposable
    {
        public NetworkStream Target => Accepted.GetStream();

        public void Dispose()
        {
            Client.Dispose();
            Accepted.Dispose();
        }
    }
}
