using Relay.Interop.Tests.Relays;
using Relay.Testing.Certificates;

namespace Relay.Interop.Tests.Loopback;

/// <summary>relay-load probe: what a relay offers by each version of HTTP, and what it does not.</summary>
public sealed class ProbeTests
{
    [Fact]
    public async Task Relay_ThatSpeaksAll_IsToldOfByEach()
    {
        using var authority = new TestAuthority();
        await using var relay = await RelayProcess.StartAsync(authority);
        var probe = await LoadRun.AgainstAsync(relay.Port, Limits.Exchange, "probe", "--timeout", "60");
        foreach (var version in (string[])["http3", "http2", "http1"])
        {
            Assert.True(probe.Holds($"{version}_reachable"), version);
            Assert.True(probe.Holds($"{version}_offers_connect"), version);
            Assert.True(probe.Holds($"{version}_offers_connect_udp"), version);
        }
        Assert.Equal(["1.3", "1.3", "1.3"], [probe.Text("tls"), probe.Text("http2_tls"), probe.Text("http1_tls")]);
        Assert.Equal("h2", probe.Text("http2_alpn"));
        Assert.Equal("http/1.1", probe.Text("http1_alpn"));
        Assert.True(probe.Holds("http2_setting_extended_connect"));
        Assert.Equal([200, 200, 101],
            [probe["connect_udp_status"], probe["http2_connect_udp_status"], probe["http1_connect_udp_status"]]);
        Assert.Equal($"h3=\":{relay.Port}\"", probe.Text("http2_alt_svc"));
        Assert.Equal($"h3=\":{relay.Port}\"", probe.Text("http1_alt_svc"));
        await relay.StopAsync();
    }

    [Fact]
    public async Task Relay_WithoutTcp_IsToldOfByHttp3()
    {
        using var authority = new TestAuthority();
        await using var relay = await RelayProcess.StartAsync(authority, "--no-tcp");
        var probe = await LoadRun.AgainstAsync(relay.Port, Limits.Exchange, "probe", "--timeout", "60");
        Assert.True(probe.Holds("http3_reachable"));
        Assert.False(probe.Holds("http2_reachable"));
        Assert.False(probe.Holds("http1_reachable"));
        Assert.Contains("Connection refused", probe.Text("http1_error"), StringComparison.Ordinal);

        await using var alone = LoadRun.Start(relay.Port, "probe", "--http", "2");
        Assert.Equal(1, await alone.WaitForExitAsync(Limits.Exchange));
        Assert.Contains("not reachable", LoadRun.ResultOf(alone).Text("error"), StringComparison.Ordinal);
        await relay.StopAsync();
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    [InlineData("3")]
    public async Task Relay_ThatWantsACertificate_IsOutOfReach(string http)
    {
        using var authority = new TestAuthority();
        using var folder = new ScratchFolder();
        var roots = folder.Write("roots.pem", authority.Pem);
        await using var relay = await RelayProcess.StartAsync(authority, "--client-auth-root-cert-path", roots);
        await using var probe = LoadRun.Start(relay.Port, "probe", "--http", http);
        Assert.Equal(1, await probe.WaitForExitAsync(Limits.Exchange));
        await relay.StopAsync();
    }
}
