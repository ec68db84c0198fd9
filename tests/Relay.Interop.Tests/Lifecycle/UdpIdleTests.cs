namespace Relay.Interop.Tests.Lifecycle;

/// <summary>docs/reference.md#1-relay-node, <c>--udp-idle-timeout-secs</c>: 120, and never below (RFC 9298 §3.1).</summary>
public sealed class UdpIdleTests(UdpIdleRun run)
{
    [Fact]
    public async Task UdpIdle_SilentTunnel_IsEndedInOrderAfterTwoMinutesAndNotBefore()
    {
        var (silence, inOrder, outcome) = await run.Result;
        Assert.True(silence >= TimeSpan.FromSeconds(120), $"{silence}");
        Assert.Equal((true, "IdleTimeout"), (inOrder, outcome));
    }
}
