using Relay.Abuse;
using Relay.Abuse.Measure;
using Relay.Abuse.Wire;
using Relay.Interop.Tests.Curl;

namespace Relay.Interop.Tests.Abuse;

/// <summary>
/// A short form of what tests/Relay.Abuse does for minutes: the relay and a neighbour's tunnel outlive it, and the relay's own
/// counters say that it noticed. Times and memory are shown, and not asserted.
/// </summary>
public sealed class HostileClientTests
{
    /// <summary>Each with the counter that says what the relay did about it; none where a bound makes it harmless.</summary>
    [Theory]
    [InlineData("h3-resets", null)]
    [InlineData("h3-requests", null)]
    [InlineData("udp-unanswered", null)]
    [InlineData("acks-of-nothing", null)]
    [InlineData("out-of-order", null)]
    [InlineData("h3-uploads", null)]
    [InlineData("h3-bombs", @"relay_request_refusals_total\{[^}]*reason=""too_large""[^}]*\}")]
    [InlineData("quic-versions", @"relay_quic_version_negotiations_total(?:\{.*\})?")]
    [InlineData("fuzzed-frames", null)]
    [InlineData("fuzzed-packets", null)]
    [InlineData("h2-resets", @"relay_http2_floods_total\{[^}]*reason=""resets""[^}]*\}")]
    [InlineData("h2-settings", @"relay_http2_floods_total\{[^}]*reason=""control_frames""[^}]*\}")]
    [InlineData("h2-continuations", @"relay_http2_floods_total\{[^}]*reason=""header_section""[^}]*\}")]
    [InlineData("tls-handshakes", @"relay_tls_handshakes_evicted_total(?:\{.*\})?")]
    public async Task Attack_LeavesTheRelayAndTheNeighbour(string name, string? counter)
    {
        // Of which a source has an eighth: less than an attack holds at a time.
        await using var world = await CurlWorld.StartAsync("--workers", "1", "--max-tls-handshakes", "32");
        using var targets = new TargetSet();
        var attack = Assert.Single(AttackTable.Of(name));
        var options = new AbuseOptions
        {
            Attack = name,
            Relay = new IPEndPoint(IPAddress.Loopback, world.Relay.Port),
            RelayPid = world.Relay.Id,
            Seconds = 1,
            Settle = 0,
            Connections = 4,
        };
        var rows = new List<AttackRow>();
        // On a machine that does much else a second may be too short for a handshake, or for an echo.
        await Eventually.HoldsAsync(async () =>
        {
            rows.Add(await Task.Run(() => new AttackRun(options, targets).Run(attack), TestContext.Current.CancellationToken));
            return rows.Exists(static row => row.Done > 0 && row.Beside.Count > row.Beside.Lost) && (counter is null || await world.MetricAsync(counter) > 0);
        });
        TestContext.Current.TestOutputHelper?.WriteLine($"{AttackRow.Head}\n{string.Join('\n', rows)}");
        Assert.All(rows, static row => Assert.True(row.IsNeighbourServed, $"{row}"));
        if (name == "udp-unanswered")
        {
            // UnansweredBudget: so many datagrams of each tunnel, and each connection had its streams' worth of them.
            var tunnels = await world.CountTunnelsAsync("3");
            Assert.InRange(targets.SilentDatagrams, 1, tunnels * 128);
        }
        await world.Relay.StopAsync();
    }
}
