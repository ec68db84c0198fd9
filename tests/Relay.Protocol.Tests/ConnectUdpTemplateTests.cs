using System.Text;
using FsCheck.Fluent;

namespace Relay.Protocol.Tests;

public class ConnectUdpTemplateTests
{
    private const string Prefix = "/.well-known/masque/udp/";

    [Theory]

    // RFC 9298 §3, the example of figure 5, and the encoding of 2001:db8::42.
    [InlineData("192.0.2.6/443/", "192.0.2.6", 443)]
    [InlineData("2001%3Adb8%3A%3A42/443/", "2001:db8::42", 443)]
    [InlineData("2001%3adb8%3a%3a42/443/", "2001:db8::42", 443)]
    [InlineData("%3A%3A1/1/", "::1", 1)]
    [InlineData("example.com/65535/", "example.com", 65535)]
    [InlineData("EXAMPLE.com/443/", "example.com", 443)]
    [InlineData("%65xample.com/%34%34%33/", "example.com", 443)]
    [InlineData("example%2Ecom/443/", "example.com", 443)]
    [InlineData("_dns.resolver.arpa/853/", "_dns.resolver.arpa", 853)]
    public void TryParsePath_Expansion_GivesTheTarget(string rest, string host, int port)
    {
        Assert.True(ConnectUdpTemplate.TryParsePath(Encoding.ASCII.GetBytes(Prefix + rest), out var target));
        Assert.Equal((host, port), (target.Host, target.Port));
        Assert.Equal(Prefix + Uri.EscapeDataString(host) + $"/{port}/", ConnectUdpTemplate.Expand(host, port));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("//")]
    [InlineData("example.com")]
    [InlineData("example.com/")]
    [InlineData("example.com//")]
    [InlineData("/443/")]
    [InlineData("example.com/443")]
    [InlineData("example.com/443//")]
    [InlineData("example.com/443/x/")]
    [InlineData("example.com/443/?")]
    [InlineData("example.com/443/?a=b/")]
    [InlineData("example.com/443?/")]
    [InlineData("example.com/443/#/")]
    [InlineData("example.com/0/")]
    [InlineData("example.com/65536/")]
    [InlineData("example.com/100000/")]
    [InlineData("example.com/0443/")]
    [InlineData("example.com/+443/")]
    [InlineData("example.com/-443/")]
    [InlineData("example.com/4 3/")]
    [InlineData("example.com/%2B443/")]
    [InlineData("example.com/https/")]
    [InlineData("example.com/443%2F/")]
    [InlineData("2001:db8::42/443/")]
    [InlineData("[2001:db8::42]/443/")]
    [InlineData("%5B2001%3Adb8%3A%3A42%5D/443/")]
    [InlineData("fe80%3A%3A1%25eth0/443/")]
    [InlineData("fe80%3A%3A1%2525eth0/443/")]
    [InlineData("127.1/443/")]
    [InlineData("0x7f.1/443/")]
    [InlineData("010.0.0.1/443/")]
    [InlineData("2130706433/443/")]
    [InlineData("%31%32%37.1/443/")]
    [InlineData("exa%20mple.com/443/")]
    [InlineData("example.com%00/443/")]
    [InlineData("example.com%0D%0A/443/")]
    [InlineData("example.com%2F/443/")]
    [InlineData("user%40example.com/443/")]
    [InlineData("b%C3%BCcher.example/443/")]
    [InlineData("%/443/")]
    [InlineData("%4/443/")]
    [InlineData("%zz/443/")]
    [InlineData("a%2/443/")]
    [InlineData("%2a/%2a/")]
    [InlineData("*/*/")]
    [InlineData("./443/")]
    [InlineData("../443/")]
    [InlineData("{target_host}/{target_port}/")]
    public void TryParsePath_UnderThePrefixButWrong_IsRefused(string rest)
    {
        var path = Encoding.ASCII.GetBytes(Prefix + rest);

        Assert.True(ConnectUdpTemplate.HasPrefix(path));
        Assert.False(ConnectUdpTemplate.TryParsePath(path, out var target));
        Assert.Equal(default, target);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("*")]
    [InlineData("/.well-known/masque/udp")]
    [InlineData("/.well-known/masque/ip/192.0.2.6/443/")]
    [InlineData("/.Well-Known/masque/udp/192.0.2.6/443/")]
    [InlineData("//.well-known/masque/udp/192.0.2.6/443/")]
    [InlineData("/%2Ewell-known/masque/udp/192.0.2.6/443/")]
    [InlineData("/x/../.well-known/masque/udp/192.0.2.6/443/")]
    [InlineData("https://relay.example/.well-known/masque/udp/192.0.2.6/443/")]
    public void HasPrefix_OtherPath_IsFalse(string path)
    {
        Assert.False(ConnectUdpTemplate.HasPrefix(Encoding.ASCII.GetBytes(path)));
        Assert.False(ConnectUdpTemplate.TryParsePath(Encoding.ASCII.GetBytes(path), out _));
    }

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public void TryParsePath_LongHost_IsBoundedAfterDecoding(int length, bool expected)
    {
        var path = Prefix + string.Concat(Enumerable.Repeat("%61", length)) + "/1/";

        Assert.Equal(expected, ConnectUdpTemplate.TryParsePath(Encoding.ASCII.GetBytes(path), out _));
    }

    [Theory]
    [InlineData("192.0.2.6", 443, "192.0.2.6/443/")]
    [InlineData("2001:db8::42", 443, "2001%3Adb8%3A%3A42/443/")]
    [InlineData("a b/c", 1, "a%20b%2Fc/1/")]
    public void Expand_HostAndPort_EncodesAllButUnreserved(string host, int port, string expected) =>
        Assert.Equal(Prefix + expected, ConnectUdpTemplate.Expand(host, port));

    [Fact]
    public void Expand_NothingToExpand_Throws()
    {
        Assert.Throws<ArgumentException>(() => ConnectUdpTemplate.Expand("", 443));
        Assert.Throws<ArgumentNullException>(() => ConnectUdpTemplate.Expand(null!, 443));
        Assert.Throws<ArgumentOutOfRangeException>(() => ConnectUdpTemplate.Expand("a", 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ConnectUdpTemplate.Expand("a", 65536));
    }

    [Fact]
    public void TryParsePath_WhatExpandMade_RoundTrips()
    {
        var hosts = Gen.OneOf(
            Gen.Elements("example.com", "a", "192.0.2.1", "2001:db8::42", "::", "::ffff:192.0.2.1", "_a.b-c."),
            Gen.NonEmptyListOf(Gen.Elements("x", "y-1", "_z", "0a")).Select(labels => string.Join('.', labels)));
        var targets = from host in hosts from port in Gen.Choose(1, 65535) select (Host: host, Port: port);

        Properties.Check(targets, sample =>
        {
            var path = ConnectUdpTemplate.Expand(sample.Host, sample.Port);
            if (sample.Host.Length > 255)
                return;
            Assert.True(ConnectUdpTemplate.TryParsePath(Encoding.ASCII.GetBytes(path), out var target), path);
            Assert.Equal(new TargetAuthority(sample.Host, sample.Port), target);
        });
    }
}
