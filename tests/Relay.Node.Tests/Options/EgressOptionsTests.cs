using Relay.Node.Egress;

namespace Relay.Node.Tests.Options;

public class EgressOptionsTests
{
    private readonly CommandLineRun _run = new();

    [Fact]
    public void Egress_NotGiven_IsEmpty() => Assert.Equal(new EgressConfig(), _run.Config().Egress);

    [Fact]
    public void Egress_FixedAddresses_AreBound()
    {
        var egress = _run.Config(
            "--outbound-ipv4", "198.51.100.7", "--outbound-ipv6", "2001:db8::7", "--outbound-interface", "lo").Egress;
        Assert.Equal(("198.51.100.7", "2001:db8::7", "lo"),
            (egress.FixedIPv4?.ToString(), egress.FixedIPv6?.ToString(), egress.Interface));
        Assert.Empty(egress.Prefixes);
    }

    [Fact]
    public void Egress_Prefixes_AreBound()
    {
        var egress = _run.Config(
            "--outbound-prefix-ipv4", "198.51.100.0/28", "--outbound-prefix-ipv6", "2001:db8:1::/48",
            "--outbound-selection", "Tunnel", "--manage-local-routes").Egress;
        Assert.Equal(["198.51.100.0/28", "2001:db8:1::/48"], egress.Prefixes.Select(prefix => prefix.ToString()));
        Assert.Equal(EgressSelection.Tunnel, egress.Selection);
        Assert.True(egress.ManageLocalRoutes);
    }

    [Theory]
    [InlineData("--ipv4-only", true, false)]
    [InlineData("--ipv6-only", false, true)]
    public void Egress_OneFamilyOnly_IsBound(string option, bool ipv4, bool ipv6)
    {
        var egress = _run.Config(option).Egress;
        Assert.Equal((ipv4, ipv6), (egress.IPv4Only, egress.IPv6Only));
    }

    [Fact]
    public void Egress_FromTheEnvironment_IsBound() => Assert.Equal("198.51.100.0/28",
        _run.With("RELAY_OUTBOUND_PREFIX_IPV4", "198.51.100.0/28").With("RELAY_MANAGE_LOCAL_ROUTES", "true")
            .Config().Egress.PrefixIPv4?.ToString());

    [Fact]
    public void Egress_Contradictions_AreAllReportedAndNameBothOptions() => _run.Fails(
        [
            "--ipv4-only", "--ipv6-only", "--outbound-ipv4", "198.51.100.7", "--outbound-prefix-ipv4",
            "198.51.100.0/24", "--outbound-ipv6", "2001:db8::7", "--outbound-prefix-ipv6", "2001:db8::/64",
        ],
        "--ipv6-only: contradicts --ipv4-only",
        "--outbound-ipv6: contradicts --ipv4-only",
        "--outbound-prefix-ipv6: contradicts --ipv4-only",
        "--outbound-ipv4: contradicts --ipv6-only",
        "--outbound-prefix-ipv4: contradicts --ipv6-only",
        "--outbound-prefix-ipv4: contradicts --outbound-ipv4",
        "--outbound-prefix-ipv6: contradicts --outbound-ipv6");

    [Fact]
    public void Egress_WhatNeedsAPrefix_IsRefusedWithoutOne() => _run.Fails(
        ["--outbound-ipv4", "198.51.100.7", "--outbound-selection", "session", "--manage-local-routes"],
        "--outbound-selection: has no effect without --outbound-prefix-ipv4, --outbound-prefix-ipv6 or --prefix-pool",
        "--manage-local-routes: has no effect without --outbound-prefix-ipv4, --outbound-prefix-ipv6 or --prefix-pool");

    [Theory]
    [InlineData("--outbound-ipv4", "2001:db8::7", "'2001:db8::7' is not IPv4")]
    [InlineData("--outbound-ipv6", "198.51.100.7", "'198.51.100.7' is not IPv6")]
    [InlineData("--outbound-ipv6", "::ffff:198.51.100.7", "'::ffff:198.51.100.7' is not IPv6")]
    [InlineData("--outbound-ipv4", "198.51.100.0/24", "'198.51.100.0/24' is a prefix, not an address")]
    [InlineData("--outbound-ipv4", "010.0.0.1", "'010.0.0.1' is not an IPv4 or IPv6 address")]
    [InlineData("--outbound-ipv4", "0.0.0.0", "'0.0.0.0' has addresses that no machine can send from")]
    [InlineData("--outbound-ipv6", "ff02::1", "'ff02::1' has addresses that no machine can send from")]
    [InlineData("--outbound-prefix-ipv4", "198.51.100.7", "'198.51.100.7' has no prefix length")]
    [InlineData("--outbound-prefix-ipv4", "198.51.100.7/24",
        "'198.51.100.7/24' has bits set beyond its prefix length: did you mean 198.51.100.0/24?")]
    [InlineData("--outbound-prefix-ipv4", "2001:db8::/64", "'2001:db8::/64' is not IPv4")]
    [InlineData("--outbound-prefix-ipv4", "128.0.0.0/1", "'128.0.0.0/1' has addresses that no machine can send from")]
    [InlineData("--outbound-prefix-ipv6", "::/0", "'::/0' has addresses that no machine can send from")]
    [InlineData("--outbound-interface", "no-such-one", "there is no interface 'no-such-one'")]
    [InlineData("--outbound-interface", "", "empty")]
    public void Egress_AWrongValue_IsReported(string option, string value, string message) =>
        _run.Fails([option, value], $"{option}: {message}");

    [Fact]
    public void Egress_AWrongSelection_IsReported() => _run.Fails(
        ["--outbound-prefix-ipv6", "2001:db8::/64", "--outbound-selection", "packet"],
        "--outbound-selection: 'packet' is not one of session, tunnel");
}
