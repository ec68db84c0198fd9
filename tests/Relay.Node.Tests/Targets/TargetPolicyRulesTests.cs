using Relay.Node.Counters;
using Relay.Node.Targets;

namespace Relay.Node.Tests.Targets;

public class TargetPolicyRulesTests
{
    [Theory]
    // An allow rule overrides a built-in range that is no longer than itself, and only where it matches.
    [InlineData("127.0.0.0/8", "", "127.0.0.1", 80, "Allowed")]
    [InlineData("127.0.0.0/8", "", "::ffff:127.0.0.1", 80, "Allowed")]
    [InlineData("127.0.0.0/8", "", "10.0.0.1", 80, "Private")]
    [InlineData("127.0.0.0/8:8000-9000", "", "127.0.0.1", 8500, "Allowed")]
    [InlineData("127.0.0.0/8:8000-9000", "", "127.0.0.1", 80, "Loopback")]
    [InlineData("0.0.0.0/0", "", "192.168.1.1", 80, "Private")]
    [InlineData("0.0.0.0/0", "", "127.0.0.1", 80, "Loopback")]
    [InlineData("0.0.0.0/0", "", "8.8.8.8", 80, "Allowed")]
    [InlineData("126.0.0.0/7", "", "127.0.0.1", 80, "Loopback")]
    [InlineData("127.0.0.1", "", "127.0.0.1", 80, "Allowed")]
    [InlineData("240.0.0.0/4", "", "255.255.255.255", 80, "Broadcast")]
    [InlineData("fc00::/7", "", "fd00::1", 80, "Allowed")]
    [InlineData("f000::/4", "", "fd00::1", 80, "UniqueLocal")]
    [InlineData("0.0.0.0/0", "", "fd00::1", 80, "UniqueLocal")]
    [InlineData("fd00::/8", "", "fd00::1", 80, "Allowed")]
    [InlineData("::/0", "", "192.168.1.1", 80, "Private")]
    [InlineData("::/0", "", "::ffff:192.168.1.1", 80, "Private")]
    [InlineData("::ffff:192.168.0.0/112", "", "192.168.1.1", 80, "Allowed")]
    // A deny rule.
    [InlineData("", "8.8.8.0/24", "8.8.8.8", 80, "DeniedByRule")]
    [InlineData("", "8.8.8.0/24", "8.8.9.8", 80, "Allowed")]
    [InlineData("", "8.8.8.0/24", "::ffff:8.8.8.8", 80, "DeniedByRule")]
    [InlineData("", "8.8.8.0/24:53", "8.8.8.8", 53, "DeniedByRule")]
    [InlineData("", "8.8.8.0/24:53", "8.8.8.8", 54, "Allowed")]
    [InlineData("", "10.0.0.0/8", "10.0.0.1", 80, "DeniedByRule")]
    [InlineData("", "::/0", "2606:4700::1", 80, "DeniedByRule")]
    [InlineData("", "0.0.0.0/0", "8.8.8.8", 80, "DeniedByRule")]
    // The longest prefix decides; on a tie, denial.
    [InlineData("10.0.0.0/8", "10.1.0.0/16", "10.1.0.1", 80, "DeniedByRule")]
    [InlineData("10.0.0.0/8", "10.1.0.0/16", "10.2.0.1", 80, "Allowed")]
    [InlineData("10.1.0.0/16", "10.0.0.0/8", "10.1.0.1", 80, "Allowed")]
    [InlineData("10.1.0.0/16", "10.0.0.0/8", "10.2.0.1", 80, "DeniedByRule")]
    [InlineData("10.0.0.0/8", "10.0.0.0/8", "10.0.0.1", 80, "DeniedByRule")]
    [InlineData("10.0.0.0/8:80", "10.0.0.0/8", "10.0.0.1", 80, "DeniedByRule")]
    [InlineData("10.0.0.0/8", "10.0.0.0/8:80", "10.0.0.1", 80, "DeniedByRule")]
    [InlineData("10.0.0.0/8", "10.0.0.0/8:80", "10.0.0.1", 81, "Allowed")]
    [InlineData("10.1.2.3", "10.1.2.3", "10.1.2.3", 80, "DeniedByRule")]
    [InlineData("10.0.0.0/8,10.1.2.3", "10.1.0.0/16", "10.1.2.3", 80, "Allowed")]
    [InlineData("10.1.2.3,10.0.0.0/8", "10.1.0.0/16", "10.1.2.4", 80, "DeniedByRule")]
    [InlineData("2001:db8::/32", "2001:db8:1::/48", "2001:db8:1::1", 80, "DeniedByRule")]
    [InlineData("2001:db8:1::/48", "2001:db8::/32", "2001:db8:1::1", 80, "Allowed")]
    [InlineData("[2001:db8::/32]:443", "", "2001:db8::1", 443, "Allowed")]
    [InlineData("[2001:db8::/32]:443", "", "2001:db8::1", 80, "Documentation")]
    public void Check_Rules(string allow, string deny, string address, int port, string expected) =>
        Assert.Equal(expected, Check(allow, deny, address, port, TargetProtocol.Tcp));

    [Theory]
    [InlineData("8.8.8.0/24", "", "PortDenied")]
    [InlineData("8.8.8.0/24:25", "", "Allowed")]
    [InlineData("8.8.8.0/24:20-30", "", "Allowed")]
    [InlineData("8.8.8.0/24:26", "", "PortDenied")]
    [InlineData("0.0.0.0/0:25", "", "Allowed")]
    [InlineData("8.8.8.0/24,0.0.0.0/0:25", "", "Allowed")]
    [InlineData("0.0.0.0/0:25", "8.8.8.0/24", "DeniedByRule")]
    [InlineData("0.0.0.0/0:25,8.8.8.8", "8.8.8.0/24", "PortDenied")]
    public void Check_TcpPort25_NeedsARuleThatNamesIt(string allow, string deny, string expected)
    {
        Assert.Equal(expected, Check(allow, deny, "8.8.8.8", 25, TargetProtocol.Tcp));
        Assert.NotEqual("PortDenied", Check(allow, deny, "8.8.8.8", 25, TargetProtocol.Udp));
    }

    [Theory]
    [InlineData("64:ff9b::/96", "", "64:ff9b::8.8.8.8", "Allowed")]
    [InlineData("64:ff9b::/96", "", "64:ff9b::10.0.0.1", "EmbeddedAddress")]
    [InlineData("64:ff9b::/96", "8.8.0.0/16", "64:ff9b::8.8.8.8", "EmbeddedAddress")]
    [InlineData("64:ff9b::/96,10.0.0.0/8", "", "64:ff9b::10.0.0.1", "Allowed")]
    [InlineData("10.0.0.0/8", "", "64:ff9b::10.0.0.1", "Nat64")]
    [InlineData("8.8.8.8", "", "64:ff9b::8.8.8.8", "Nat64")]
    [InlineData("64:ff9b::/96", "64:ff9b::808:0/112", "64:ff9b::8.8.8.8", "DeniedByRule")]
    [InlineData("[64:ff9b::/96]:443", "", "64:ff9b::8.8.8.8", "Allowed")]
    [InlineData("[64:ff9b::/96]:53", "", "64:ff9b::8.8.8.8", "Nat64")]
    [InlineData("2002::/16", "", "2002:808:808::1", "Allowed")]
    [InlineData("2002::/16", "", "2002:a00:1::1", "EmbeddedAddress")]
    [InlineData("2001::/32", "", "2001:0:808:808::f7f7:f7f7", "Allowed")]
    [InlineData("2001::/32", "", "2001:0:a00:1::f7f7:f7f7", "EmbeddedAddress")]
    [InlineData("2001::/32", "", "2001:0:808:808::80ff:fffe", "EmbeddedAddress")]
    [InlineData("2606:4700::/32", "", "2606:4700::5efe:8.8.8.8", "Allowed")]
    [InlineData("2606:4700::/32", "", "2606:4700::5efe:192.168.0.1", "EmbeddedAddress")]
    [InlineData("::/96", "", "::8.8.8.8", "Allowed")]
    [InlineData("::/96", "", "::127.0.0.1", "EmbeddedAddress")]
    [InlineData("::/96", "", "::1", "Loopback")]
    [InlineData("::/96,::1", "", "::1", "Allowed")]
    public void Check_Disguise_NeedsItsRangeAllowedAndItsAddressNotDenied(
        string allow, string deny, string address, string expected) =>
        Assert.Equal(expected, Check(allow, deny, address, 443, TargetProtocol.Tcp));

    // RFC 6052 §2.2: the prefix length of the rule tells where the translator reads 8.8.8.10 or 192.168.0.1.
    [Theory]
    [InlineData("64:ff9b:1::/48", "64:ff9b:1:808:8:a00::", "Allowed")]
    [InlineData("64:ff9b:1::/48", "64:ff9b:1:c0a8:0:100::", "EmbeddedAddress")]
    [InlineData("64:ff9b:1::/56", "64:ff9b:1:8:8:80a::", "Allowed")]
    [InlineData("64:ff9b:1::/56", "64:ff9b:1:c0:a8:1::", "EmbeddedAddress")]
    [InlineData("64:ff9b:1::/64", "64:ff9b:1:0:8:808:a00:0", "Allowed")]
    [InlineData("64:ff9b:1::/64", "64:ff9b:1:0:c0:a800:100:0", "EmbeddedAddress")]
    [InlineData("64:ff9b:1::/64", "64:ff9b:1:0:c0:a800:108:808", "EmbeddedAddress")]
    [InlineData("64:ff9b:1::/96", "64:ff9b:1::8.8.8.10", "Allowed")]
    [InlineData("64:ff9b:1::/96", "64:ff9b:1::192.168.0.1", "EmbeddedAddress")]
    [InlineData("64:ff9b:1:2:3:4::/96", "64:ff9b:1:2:3:4:808:80a", "Allowed")]
    // Of an ambiguous length every layout must be harmless.
    [InlineData("64:ff9b:1::/52", "64:ff9b:1::8.8.8.10", "EmbeddedAddress")]
    [InlineData("64:ff9b:1::/52", "64:ff9b:1:808:8:808:808:808", "Allowed")]
    [InlineData("::/0", "64:ff9b:1::8.8.8.10", "Nat64")]
    public void Check_LocalUseNat64_ReadsTheLayoutOfTheRule(string allow, string address, string expected) =>
        Assert.Equal(expected, Check(allow, "", address, 443, TargetProtocol.Tcp));

    [Theory]
    [InlineData("8.8.4.4:443", "8.8.4.4", 443, true)]
    [InlineData("8.8.4.4:443", "::ffff:8.8.4.4", 443, true)]
    [InlineData("8.8.4.4:443", "64:ff9b::8.8.4.4", 443, true)]
    [InlineData("8.8.4.4:443", "2002:808:404::1", 443, true)]
    [InlineData("8.8.4.4:443", "8.8.4.4", 80, false)]
    [InlineData("8.8.4.4:443", "8.8.4.5", 443, false)]
    [InlineData("8.8.4.4:443", "127.0.0.1", 443, false)]
    [InlineData("8.8.4.4:443", "0.0.0.0", 443, false)]
    [InlineData("127.0.0.1:443", "127.0.0.1", 443, true)]
    [InlineData("127.0.0.1:443", "0.0.0.0", 443, true)]
    [InlineData("127.0.0.1:443", "127.0.0.2", 443, false)]
    [InlineData("0.0.0.0:443", "198.51.100.7", 443, true)]
    [InlineData("0.0.0.0:443", "198.51.100.8", 443, false)]
    [InlineData("0.0.0.0:443", "198.51.100.7", 444, false)]
    [InlineData("0.0.0.0:443", "127.200.0.1", 443, true)]
    [InlineData("0.0.0.0:443", "0.0.0.0", 443, true)]
    [InlineData("0.0.0.0:443", "2001:db8::7", 443, false)]
    [InlineData("[::]:443", "2001:db8::7", 443, true)]
    [InlineData("[::]:443", "2001:db8::8", 443, false)]
    [InlineData("[::]:443", "::1", 443, true)]
    [InlineData("[::]:443", "::", 443, true)]
    [InlineData("[::]:443", "198.51.100.7", 443, false)]
    [InlineData("[::]:443", "::ffff:198.51.100.7", 443, false)]
    [InlineData("[2001:db8::9]:443", "2001:db8::9", 443, true)]
    public void Check_OwnEndpoint_IsDeniedThoughAllowed(string listening, string address, int port, bool isOwn)
    {
        var policy = new TargetPolicy(
            Rules("0.0.0.0/0,127.0.0.0/8,198.51.100.0/24,::/0,64:ff9b::/96,2002::/16,2001:db8::/32"), Rules("8.8.4.4"),
            [IPEndPoint.Parse("[2001:db8::aaaa]:1"), IPEndPoint.Parse(listening)],
            [IPAddress.Parse("198.51.100.7"), IPAddress.Parse("2001:db8::7")]);
        foreach (var protocol in Enum.GetValues<TargetProtocol>())
            Assert.Equal(isOwn, policy.Check(IPAddress.Parse(address), port, protocol) == PolicyVerdict.OwnAddress);
    }

    [Theory]
    [InlineData("", "198.51.100.7", "LocalAddress")]
    [InlineData("", "::ffff:198.51.100.7", "LocalAddress")]
    [InlineData("", "8.8.4.4", "LocalAddress")]
    [InlineData("", "8.8.4.5", "Allowed")]
    [InlineData("", "2a00:1450::7", "LocalAddress")]
    [InlineData("", "fe80::7%3", "LocalAddress")]
    [InlineData("0.0.0.0/0,::/0", "8.8.4.4", "LocalAddress")]
    [InlineData("198.51.100.0/24", "198.51.100.7", "LocalAddress")]
    [InlineData("198.51.100.0/24", "198.51.100.8", "Allowed")]
    [InlineData("198.51.100.7", "198.51.100.7", "Allowed")]
    [InlineData("8.8.4.4:80", "8.8.4.4", "Allowed")]
    [InlineData("8.8.4.4:81", "8.8.4.4", "LocalAddress")]
    [InlineData("2a00:1450::7", "2a00:1450::7", "Allowed")]
    [InlineData("64:ff9b::/96", "64:ff9b::8.8.4.4", "EmbeddedAddress")]
    // Loopback is nothing but this machine: a rule for it means it.
    [InlineData("", "127.0.0.1", "Loopback")]
    [InlineData("127.0.0.0/8", "127.0.0.1", "Allowed")]
    [InlineData("::1", "::1", "Allowed")]
    public void Check_AddressOfTheMachine_NeedsARuleThatNamesIt(string allow, string address, string expected)
    {
        var policy = new TargetPolicy(
            Rules(allow), [], [],
            [.. ((string[])["127.0.0.1", "::1", "198.51.100.7", "8.8.4.4", "2a00:1450::7", "fe80::7%3"])
                .Select(IPAddress.Parse)]);
        Assert.Equal(expected, policy.Check(IPAddress.Parse(address), 80, TargetProtocol.Tcp).ToString());
        Assert.Equal(expected, policy.Check(IPAddress.Parse(address), 80, TargetProtocol.Udp).ToString());
    }

    private static string Check(string allow, string deny, string address, int port, TargetProtocol protocol) =>
        new TargetPolicy(Rules(allow), Rules(deny), [], []).Check(IPAddress.Parse(address), port, protocol).ToString();

    private static TargetRule[] Rules(string text) =>
        [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(TargetRule.Parse)];
}
