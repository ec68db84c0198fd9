using Relay.Node.Counters;
using Relay.Node.Targets;

namespace Relay.Node.Tests.Targets;

[Collection(nameof(MeasuredAllocation))]
public class TargetPolicyDefaultsTests
{
    private static readonly TargetPolicy Policy = new([], [], [], []);

    [Theory]
    [InlineData("0.0.0.0", "Unspecified")]
    [InlineData("0.1.2.3", "Unspecified")]
    [InlineData("0.255.255.255", "Unspecified")]
    [InlineData("10.0.0.0", "Private")]
    [InlineData("10.255.255.255", "Private")]
    [InlineData("100.64.0.0", "SharedAddressSpace")]
    [InlineData("100.127.255.255", "SharedAddressSpace")]
    [InlineData("127.0.0.1", "Loopback")]
    [InlineData("127.255.255.255", "Loopback")]
    [InlineData("169.254.0.0", "LinkLocal")]
    [InlineData("169.254.169.254", "LinkLocal")]
    [InlineData("169.254.255.255", "LinkLocal")]
    [InlineData("172.16.0.0", "Private")]
    [InlineData("172.31.255.255", "Private")]
    [InlineData("192.0.0.0", "SpecialPurpose")]
    [InlineData("192.0.0.9", "SpecialPurpose")]
    [InlineData("192.0.0.171", "SpecialPurpose")]
    [InlineData("192.0.2.1", "Documentation")]
    [InlineData("192.31.196.1", "SpecialPurpose")]
    [InlineData("192.52.193.1", "SpecialPurpose")]
    [InlineData("192.88.99.1", "SpecialPurpose")]
    [InlineData("192.168.0.0", "Private")]
    [InlineData("192.168.255.255", "Private")]
    [InlineData("192.175.48.1", "SpecialPurpose")]
    [InlineData("198.18.0.0", "SpecialPurpose")]
    [InlineData("198.19.255.255", "SpecialPurpose")]
    [InlineData("198.51.100.1", "Documentation")]
    [InlineData("203.0.113.255", "Documentation")]
    [InlineData("224.0.0.1", "Multicast")]
    [InlineData("239.255.255.255", "Multicast")]
    [InlineData("240.0.0.0", "Reserved")]
    [InlineData("255.255.255.254", "Reserved")]
    [InlineData("255.255.255.255", "Broadcast")]
    [InlineData("::", "Unspecified")]
    [InlineData("::1", "Loopback")]
    [InlineData("::2", "IPv4Compatible")]
    [InlineData("::7f00:1", "IPv4Compatible")]
    [InlineData("::8.8.8.8", "IPv4Compatible")]
    [InlineData("::ffff:0.0.0.0", "Unspecified")]
    [InlineData("::ffff:127.0.0.1", "Loopback")]
    [InlineData("::ffff:10.1.2.3", "Private")]
    [InlineData("::ffff:169.254.169.254", "LinkLocal")]
    [InlineData("::ffff:100.64.1.1", "SharedAddressSpace")]
    [InlineData("::ffff:255.255.255.255", "Broadcast")]
    [InlineData("::ffff:0:127.0.0.1", "IPv4Translated")]
    [InlineData("::ffff:0:8.8.8.8", "IPv4Translated")]
    [InlineData("64:ff9b::127.0.0.1", "Nat64")]
    [InlineData("64:ff9b::8.8.8.8", "Nat64")]
    [InlineData("64:ff9b:1::10.0.0.1", "Nat64")]
    [InlineData("64:ff9b:1:7f00:0:100::", "Nat64")]
    [InlineData("64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "Nat64")]
    [InlineData("64:ff9b:2::1", "Reserved")]
    [InlineData("100::1", "SpecialPurpose")]
    [InlineData("100:0:0:1::1", "SpecialPurpose")]
    [InlineData("100:0:0:2::1", "Reserved")]
    [InlineData("200::1", "Reserved")]
    [InlineData("1fff:ffff::1", "Reserved")]
    [InlineData("2001::1", "Teredo")]
    [InlineData("2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo")]
    [InlineData("2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "Teredo")]
    [InlineData("2001:1::1", "SpecialPurpose")]
    [InlineData("2001:1::2", "SpecialPurpose")]
    [InlineData("2001:1::3", "SpecialPurpose")]
    [InlineData("2001:2::1", "SpecialPurpose")]
    [InlineData("2001:2:1::1", "SpecialPurpose")]
    [InlineData("2001:3::1", "SpecialPurpose")]
    [InlineData("2001:4:112::1", "SpecialPurpose")]
    [InlineData("2001:10::1", "SpecialPurpose")]
    [InlineData("2001:20::1", "SpecialPurpose")]
    [InlineData("2001:30::1", "SpecialPurpose")]
    [InlineData("2001:1ff:ffff::1", "SpecialPurpose")]
    [InlineData("2001:db8::1", "Documentation")]
    [InlineData("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "Documentation")]
    [InlineData("2002:7f00:1::1", "SixToFour")]
    [InlineData("2002:808:808::1", "SixToFour")]
    [InlineData("2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "SixToFour")]
    [InlineData("2620:4f:8000::1", "SpecialPurpose")]
    [InlineData("2a00:1450::5efe:7f00:1", "Isatap")]
    [InlineData("2a00:1450::200:5efe:8.8.8.8", "Isatap")]
    [InlineData("3fff::1", "Documentation")]
    [InlineData("3fff:fff:ffff::1", "Documentation")]
    [InlineData("4000::1", "Reserved")]
    [InlineData("5f00::1", "SpecialPurpose")]
    [InlineData("7fff::1", "Reserved")]
    [InlineData("8000::1", "Reserved")]
    [InlineData("fbff::1", "Reserved")]
    [InlineData("fc00::1", "UniqueLocal")]
    [InlineData("fd00:ec2::254", "UniqueLocal")]
    [InlineData("fdff:ffff::1", "UniqueLocal")]
    [InlineData("fe00::1", "Reserved")]
    [InlineData("fe80::1", "LinkLocal")]
    [InlineData("fe80::1%1", "LinkLocal")]
    [InlineData("febf::1", "LinkLocal")]
    [InlineData("fe80::5efe:10.0.0.1", "LinkLocal")]
    [InlineData("fec0::1", "Private")]
    [InlineData("feff::1", "Private")]
    [InlineData("ff00::1", "Multicast")]
    [InlineData("ff02::1", "Multicast")]
    [InlineData("ff0e::1", "Multicast")]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "Multicast")]
    public void Check_SpecialAddress_IsDeniedForItsReason(string address, string reason)
    {
        var expected = Enum.Parse<PolicyVerdict>(reason);
        Assert.Equal(expected, Policy.Check(IPAddress.Parse(address), 443, TargetProtocol.Tcp));
        Assert.Equal(expected, Policy.Check(IPAddress.Parse(address), 443, TargetProtocol.Udp));
    }

    [Theory]
    [InlineData("1.0.0.0")]
    [InlineData("8.8.8.8")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.0")]
    [InlineData("169.253.255.255")]
    [InlineData("169.255.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.0.1.0")]
    [InlineData("192.0.3.0")]
    [InlineData("192.88.98.255")]
    [InlineData("192.167.255.255")]
    [InlineData("192.169.0.0")]
    [InlineData("198.17.255.255")]
    [InlineData("198.20.0.0")]
    [InlineData("203.0.112.255")]
    [InlineData("203.0.114.0")]
    [InlineData("223.255.255.255")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("2001:200::1")]
    [InlineData("2001:4860:4860::8888")]
    [InlineData("2001:db7:ffff::1")]
    [InlineData("2001:db9::1")]
    [InlineData("2003::1")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2620:4f:8001::1")]
    [InlineData("2a00:1450:4001:80b::200e")]
    [InlineData("2a00:1450::300:5efe:808:808")]
    [InlineData("3fff:1000::1")]
    public void Check_PublicAddress_IsAllowed(string address)
    {
        Assert.Equal(PolicyVerdict.Allowed, Policy.Check(IPAddress.Parse(address), 443, TargetProtocol.Tcp));
        Assert.Equal(PolicyVerdict.Allowed, Policy.Check(IPAddress.Parse(address), 53, TargetProtocol.Udp));
    }

    [Theory]
    [InlineData(25, true, "PortDenied")]
    [InlineData(25, false, "Allowed")]
    [InlineData(24, true, "Allowed")]
    [InlineData(26, true, "Allowed")]
    [InlineData(1, true, "Allowed")]
    [InlineData(65535, true, "Allowed")]
    [InlineData(0, true, "PortDenied")]
    [InlineData(0, false, "PortDenied")]
    [InlineData(65536, true, "PortDenied")]
    [InlineData(-1, false, "PortDenied")]
    public void Check_Port(int port, bool tcp, string expected)
    {
        foreach (string address in (string[])["8.8.8.8", "::ffff:8.8.8.8", "2606:4700:4700::1111"])
        {
            Assert.Equal(Enum.Parse<PolicyVerdict>(expected),
                Policy.Check(IPAddress.Parse(address), port, tcp ? TargetProtocol.Tcp : TargetProtocol.Udp));
        }
    }

    [Fact]
    public void Normalize_OnlyMappedAddressesChange()
    {
        Assert.Equal(IPAddress.Parse("192.0.2.1"), TargetPolicy.Normalize(IPAddress.Parse("::ffff:192.0.2.1")));
        foreach (string text in (string[])["192.0.2.1", "::192.0.2.1", "64:ff9b::192.0.2.1", "2001:db8::1"])
        {
            var address = IPAddress.Parse(text);
            Assert.Same(address, TargetPolicy.Normalize(address));
        }
    }

    [Fact]
    public void Check_NeverAllocates()
    {
        IPAddress[] addresses = [IPAddress.Parse("8.8.8.8"), IPAddress.Parse("::ffff:8.8.8.8"),
            IPAddress.Parse("2606:4700:4700::1111"), IPAddress.Parse("2001:0:808:808::f7f7:f7f7")];
        var policy = new TargetPolicy([TargetRule.Parse("2001::/32")], [TargetRule.Parse("9.0.0.0/8")],
            [IPEndPoint.Parse("[::]:443")], [IPAddress.Parse("9.9.9.9"), IPAddress.Parse("2606:4700:4700::9")]);
        int allowed = 0;
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                foreach (var address in addresses)
                    allowed += policy.Check(address, 80, TargetProtocol.Tcp) == PolicyVerdict.Allowed ? 1 : 0;
            }
        }));
        Assert.Equal(4000 * Allocations.Rounds, allowed);
    }

    [Fact]
    public void PolicyReason_EveryVerdict_HasItsOwnName()
    {
        var names = Enum.GetValues<PolicyVerdict>().Select(PolicyReason.Of).ToArray();
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.All(names, name => Assert.Matches("^[a-z0-9][a-z0-9_]*$", name));
        Assert.Throws<ArgumentOutOfRangeException>(() => PolicyReason.Of((PolicyVerdict)255));
    }
}
