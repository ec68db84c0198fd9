using System.Net.Sockets;
using Relay.Fleet.Contract;
using Relay.Node.Egress;
using Relay.Node.Tunnels;

namespace Relay.Node.Tests.Egress;

public class EgressPolicyTests
{
    private const AddressFamily V4 = AddressFamily.InterNetwork;
    private const AddressFamily V6 = AddressFamily.InterNetworkV6;

    private readonly EgressConfig _none = new();

    [Fact]
    public void Policy_WithoutAnything_LeavesTheSourceToTheRoute()
    {
        var policy = new EgressPolicy(_none);
        Assert.True(policy.Allows(V4) && policy.Allows(V6));
        Assert.Null(policy.SourceFor(V4, new EgressSession()));
        Assert.Null(policy.SourceFor(V6, new EgressSession()));
    }

    [Fact]
    public void Policy_OnlyOneFamily_AllowsNoOther()
    {
        var ipv4 = new EgressPolicy(_none with { IPv4Only = true });
        var ipv6 = new EgressPolicy(_none with { IPv6Only = true });
        Assert.Equal((true, false), (ipv4.Allows(V4), ipv4.Allows(V6)));
        Assert.Equal((false, true), (ipv6.Allows(V4), ipv6.Allows(V6)));
    }

    [Fact]
    public void Policy_ASourceOfOneFamily_AllowsNoOther()
    {
        var ipv4 = new EgressPolicy(_none with { FixedIPv4 = IPAddress.Parse("198.51.100.1") });
        var ipv6 = new EgressPolicy(_none with { PrefixIPv6 = Prefix.Parse("2001:db8::/64") });
        Assert.Equal((true, false), (ipv4.Allows(V4), ipv4.Allows(V6)));
        Assert.Equal((false, true), (ipv6.Allows(V4), ipv6.Allows(V6)));
    }

    [Fact]
    public void Policy_SourcesOfBothFamilies_AllowsBoth()
    {
        var policy = new EgressPolicy(_none with
        {
            FixedIPv4 = IPAddress.Parse("198.51.100.1"),
            PrefixIPv6 = Prefix.Parse("2001:db8::/64"),
        });
        Assert.True(policy.Allows(V4) && policy.Allows(V6));
        Assert.Equal(IPEndPoint.Parse("198.51.100.1:0"), policy.SourceFor(V4, new EgressSession()));
    }

    [Fact]
    public void Selection_BySession_KeepsTheSourcesOfASessionAndDiffersBetweenThem()
    {
        var policy = new EgressPolicy(_none with { PrefixIPv6 = Prefix.Parse("2001:db8::/64") });
        var session = new EgressSession();
        var source = policy.SourceFor(V6, policy.ForTunnel(session));
        Assert.Equal(source, policy.SourceFor(V6, policy.ForTunnel(session)));
        Assert.NotEqual(source, policy.SourceFor(V6, policy.ForTunnel(new EgressSession())));
    }

    [Fact]
    public void Selection_ByTunnel_DiffersBetweenTunnelsAndNotWithinOne()
    {
        var policy = new EgressPolicy(_none with
        {
            PrefixIPv6 = Prefix.Parse("2001:db8::/64"),
            Selection = EgressSelection.Tunnel,
        });
        var session = new EgressSession();
        var tunnel = policy.ForTunnel(session);
        Assert.Equal(policy.SourceFor(V6, tunnel), policy.SourceFor(V6, tunnel));
        Assert.NotEqual(policy.SourceFor(V6, tunnel), policy.SourceFor(V6, policy.ForTunnel(session)));
    }

    [Fact]
    public void DenyTargets_NameWhatLeadsBackToTheNode() => Assert.Equal(
        ["198.51.100.0/24", "2001:db8::7/128"],
        (_none with
        {
            PrefixIPv4 = Prefix.Parse("198.51.100.0/24"),
            FixedIPv6 = IPAddress.Parse("2001:db8::7"),
        }).DenyTargets.Select(rule => rule.ToString()));
}
