using Relay.Fleet.Contract;
using Relay.Node.Targets;

namespace Relay.Node.Tests.Targets;

public class TargetRuleTests
{
    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("::/0", "::/0")]
    [InlineData("192.0.2.1", "192.0.2.1/32")]
    [InlineData("192.0.2.1:443", "192.0.2.1/32:443")]
    [InlineData("127.0.0.0/8:8000-9000", "127.0.0.0/8:8000-9000")]
    [InlineData("127.0.0.0/8:1-65535", "127.0.0.0/8:1-65535")]
    [InlineData("127.0.0.0/8:80-80", "127.0.0.0/8:80")]
    [InlineData("2001:db8::/32", "2001:db8::/32")]
    [InlineData("2001:DB8:0:0::/32", "2001:db8::/32")]
    [InlineData("2001:db8::1", "2001:db8::1/128")]
    [InlineData("[2001:db8::/32]:443", "[2001:db8::/32]:443")]
    [InlineData("[2001:db8::/32]", "2001:db8::/32")]
    [InlineData("[2001:db8::1]:1-2", "[2001:db8::1/128]:1-2")]
    [InlineData("64:ff9b::192.0.2.0/120", "64:ff9b::c000:200/120")]
    [InlineData("::ffff:10.0.0.0/104", "10.0.0.0/8")]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1/32")]
    public void TryParse_Rule_RoundTrips(string text, string canonical)
    {
        Assert.True(TargetRule.TryParse(text, out var rule, out string? error), error);
        Assert.Equal(canonical, rule.ToString());
        Assert.Equal(rule, TargetRule.Parse(rule.ToString()));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("example.com", "'example.com' is not an IPv4 or IPv6 address")]
    [InlineData("10.1/16", "'10.1' is not")]
    [InlineData("010.0.0.0/8", "'010.0.0.0' is not")]
    [InlineData("0x0a000000/8", "'0x0a000000' is not")]
    [InlineData("10.0.0.0/", "'' is not a prefix length in 0–32")]
    [InlineData("10.0.0.0/33", "'33' is not a prefix length in 0–32")]
    [InlineData("10.0.0.0/-1", "'-1' is not a prefix length")]
    [InlineData("10.0.0.0/255.0.0.0", "'255.0.0.0' is not a prefix length")]
    [InlineData("2001:db8::/129", "'129' is not a prefix length in 0–128")]
    [InlineData("10.0.0.1/8", "did you mean 10.0.0.0/8?")]
    [InlineData("2001:db8::1/32", "did you mean 2001:db8::/32?")]
    [InlineData("::ffff:0:0/90", "below 96")]
    [InlineData("fe80::1%1", "'fe80::1%1' is not")]
    [InlineData("10.0.0.0/8:", "'' is not a port in 1–65535")]
    [InlineData("10.0.0.0/8:0", "'0' is not a port")]
    [InlineData("10.0.0.0/8:65536", "'65536' is not a port")]
    [InlineData("10.0.0.0/8:http", "'http' is not a port")]
    [InlineData("10.0.0.0/8:80-", "'' is not a port")]
    [InlineData("10.0.0.0/8:-80", "'' is not a port")]
    [InlineData("10.0.0.0/8:90-80", "'90-80' is an empty range: 90 is above 80")]
    [InlineData("[10.0.0.0/8]:80", "brackets are for IPv6 only")]
    [InlineData("[2001:db8::/32:80", "no closing bracket")]
    [InlineData("[2001:db8::]/32:80", "'/32:80' follows the bracket")]
    [InlineData("[2001:db8::/32]80", "'80' follows the bracket")]
    [InlineData(" 10.0.0.0/8", "' 10.0.0.0' is not")]
    public void TryParse_Malformed_NamesTheTextAndTheReason(string text, string expected)
    {
        Assert.False(TargetRule.TryParse(text, out var rule, out string? error));
        Assert.Null(rule);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => TargetRule.Parse(text));
    }

    [Theory]
    [InlineData("127.0.0.0/8:8000-9000", "127.9.9.9", 7999, false)]
    [InlineData("127.0.0.0/8:8000-9000", "127.9.9.9", 8000, true)]
    [InlineData("127.0.0.0/8:8000-9000", "127.9.9.9", 9000, true)]
    [InlineData("127.0.0.0/8:8000-9000", "127.9.9.9", 9001, false)]
    [InlineData("127.0.0.0/8", "127.9.9.9", 1, true)]
    [InlineData("127.0.0.0/8", "128.0.0.0", 1, false)]
    [InlineData("0.0.0.0/0", "::1", 1, false)]
    [InlineData("::/0", "192.0.2.1", 1, false)]
    [InlineData("192.0.2.0/31", "192.0.2.1", 1, true)]
    [InlineData("192.0.2.0/31", "192.0.2.2", 1, false)]
    [InlineData("2001:db8::/33", "2001:db8:7fff:ffff::1", 1, true)]
    [InlineData("2001:db8::/33", "2001:db8:8000::", 1, false)]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1, true)]
    public void Matches_AddressAndPort(string rule, string address, int port, bool expected) =>
        Assert.Equal(expected, TargetRule.Parse(rule).Matches(AddressBits.Of(IPAddress.Parse(address)), port));
}
