using System.Net.Security;
using System.Net.Sockets;
using System.Text;
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
    [Fact]
    public Task Probes_OfTheKernel_FindWhoHasNothingToAcknowledge() => AssertFoundAsync(
        Patient with { KeepAlive = new KeepaliveConfig(Idle: 1, Interval: 1, Probes: 100), Unacknowledged = 2 * Second },
        floods: false);

    [Fact]
    public Task UserTimeout_OfTheKernel_FindsWhoHasSomethingToAcknowledge() => AssertFoundAsync(
        Patient with { Unacknowledged = Second }, floods: true);

    [Fact]
    public Task Sampler_FindsWhoHasNothingToAcknowledge() => AssertFoundAsync(
        Patient with { WhileIdle = 3 * Second }, floods: false);

    [Fact]
    public Task Sampler_FindsWhoHasSomethingToAcknowledge() => AssertFoundAsync(
        Patient with { WhileIdle = Second, WhileOwing = 3 * Second }, floods: true);

    // The one that lives says nothing by itself either: its kernel is asked, and answers.
    [Fact]
    public async Task Drain_IsNotHeldUpByWhoVanished_AndWaitsForWhoIsThere()
    {
        await using var link = await LossyLink.StartAsync(static config =>
            config with { ClientSilence = Patient with { AfterGoAway = 5 * Second, LastWords = Second } });
        var (gone, here) = (await link.AddAsync(), await link.AddAsync());
        using var target = link.Listen();
        using var lost = await OpenAsync(await gone.ConnectAsync(SslApplicationProtocol.Http11), target);
        using var kept = await OpenAsync(await here.ConnectAsync(SslApplicationProtocol.Http11), target);
        await gone.VanishAsync();

        var drain = link.Node.Server.DrainAsync(Limits.Transfer, CancellationToken.None);
        Assert.Equal(0, await ReadToEndAsync(lost.Target));
        Assert.Equal((1, 1), (Ended(link, TunnelOutcome.IdleTimeout), link.Node.Server.Load.Tunnels));
        Assert.False(drain.IsCompleted);

        await kept.Target.WriteAsync("still here"u8.ToArray(), TestContext.Current.CancellationToken);
        var heard = new byte[10];
        await kept.Client.ReadExactlyAsync(heard, TestContext.Current.CancellationToken);
        Assert.Equal("still here"u8.ToArray(), heard);
        kept.Target.Socket.Shutdown(SocketShutdown.Send);
        await kept.Client.ShutdownAsync();
        await drain.WaitAsync(Limits.Stop, TestContext.Current.CancellationToken);
        Assert.Equal((1, 1), (Ended(link, TunnelOutcome.IdleTimeout), Ended(link, TunnelOutcome.Completed)));
    }

    private static async Task AssertFoundAsync(ClientSilence silence, bool floods)
    {
        await using var link = await LossyLink.StartAsync(config => config with { ClientSilence = silence });
        var machine = await link.AddAsync();
        using var target = link.Listen();
        using var tunnel = await OpenAsync(await machine.ConnectAsync(SslApplicationProtocol.Http11), target);
        await machine.VanishAsync();
        if (floods)
            await FloodAsync(tunnel.Target);
        else
            _ = await ReadToEndAsync(tunnel.Target);
        await Eventually.HoldsAsync(() => link.Node.Server.Load is (0, 0));
        Assert.Equal(1, Ended(link, TunnelOutcome.IdleTimeout));
    }

    private static long Ended(LossyLink link, TunnelOutcome outcome) => link.Node.Server.ReadCounters().Ended(outcome);

    private static async Task<OpenTunnel> OpenAsync(SslStream client, TcpListener target)
    {
        using var deadline = Eventually.Deadline(Limits.Exchange);
        await client.WriteAsync(
            Encoding.ASCII.GetBytes($"CONNECT {target.LocalEndpoint} HTTP/1.1\r\nHost: {target.LocalEndpoint}\r\n\r\n"),
            deadline.Token);
        var accepted = await target.AcceptTcpClientAsync(deadline.Token);
        var head = "";
        for (var one = new byte[1]; !head.EndsWith("\r\n\r\n", StringComparison.Ordinal);)
        {
            await client.ReadExactlyAsync(one, deadline.Token);
            head += (char)one[0];
        }
        Assert.StartsWith("HTTP/1.1 200 ", head, StringComparison.Ordinal);
        // What the client sends acknowledges all that it has read, which its kernel might put off.
        await client.WriteAsync("x"u8.ToArray(), deadline.Token);
        await accepted.GetStream().ReadExactlyAsync(new byte[1], deadline.Token);
        return new OpenTunnel(client, accepted);
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

    private sealed record OpenTunnel(SslStream Client, TcpClient Accepted) : IDisposable
    {
        public NetworkStream Target => Accepted.GetStream();

        public void Dispose()
        {
            Client.Dispose();
            Accepted.Dispose();
        }
    }
}
