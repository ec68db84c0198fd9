using System.Diagnostics;
using System.Net.Sockets;
using Relay.Interop.Tests.Egress.Client;
using Relay.Interop.Tests.Relays;
using Relay.Testing.Certificates;

[assembly: AssemblyFixture(typeof(Relay.Interop.Tests.Lifecycle.UdpIdleRun))]

namespace Relay.Interop.Tests.Lifecycle;

/// <summary>
/// A UDP tunnel that is silent until its relay ends it, which takes two minutes and hardly any work: it begins with the
/// first test of the assembly and goes on beside all of them.
/// </summary>
public sealed class UdpIdleRun : IAsyncDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly Task<(TimeSpan Silence, bool InOrder, string Outcome)> _run;

    public UdpIdleRun()
    {
        // It outlives the context in which it begins.
        using (ExecutionContext.SuppressFlow())
            _run = Task.Run(RunAsync);
    }

    /// <summary>
    /// How long the tunnel lived after its last datagram, whether its stream ended in order, and what the relay says.
    /// </summary>
    public Task<(TimeSpan Silence, bool InOrder, string Outcome)> Result => _run;

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        // Nobody asked for it where only other tests run.
        await ((Task)_run).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _over.Dispose();
    }

    private async Task<(TimeSpan Silence, bool InOrder, string Outcome)> RunAsync()
    {
        using var authority = new TestAuthority();
        using var target = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        target.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var relay = await RelayProcess.StartAsync(authority, "--workers", "1");
        using var client = RelayClient.Start(new IPEndPoint(IPAddress.Loopback, relay.Port));
        var tunnel = await client.OpenUdpAsync(await client.ConnectAsync(), target.LocalEndPoint!.ToString()!);
        var watch = Stopwatch.StartNew();
        tunnel.Send([1]);
        var buffer = new byte[16];
        var from = (await target.ReceiveFromAsync(
            buffer, new IPEndPoint(IPAddress.Any, 0), _over.Token)).RemoteEndPoint;
        target.SendTo([2], from);
        Assert.Equal([2], await tunnel.ReceiveAsync());
        await tunnel.Signals.WaitForCloseAsync(TimeSpan.FromMinutes(10), _over.Token);
        var silence = watch.Elapsed;
        var outcome = await relay.Log.WaitForAsync(@"UDP tunnel ended: (\w+)", Limits.AtOnce);
        return (silence, tunnel.EndedInOrder, outcome.Groups[1].Value);
    }
}
