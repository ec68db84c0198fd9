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

    // As some clients encode a colon; and no other character.
    [InlineData("2001%253Adb8%253A%253a42/443/", "2001:db8::42", 443)]
    [InlineData("%253A%3A1/1/", "::1", 1)]
    [InlineData("example.com/65535/", "example.com", 65535)]
    [InlineData("EXAMPLE.com/443/", "example.com", 443)]
    [InlineData("%65xample.com/%34%34%33/", "example.com", 443)]
    [InlineData("example%2Ecom/443/", "example.com", 443)]
    [InlineData("_dns.resolver.arpa/853/", "_dns.resolver.arpa", 853)]
    public void TryParsePath_Expansion_GivesTheTarget(string rest, string host, int port)
    {
        Assert.True(ConnectUdpTemplate.Default.TryParsePath(Encoding.ASCII.GetBytes(Prefix + rest), out var target));
        Assert.Equal((host, port), (target.Host, target.Port));
        Assert.Equal(Prefix + Uri.EscapeDataString(host) + $"/{port}/", ConnectUdpTemplate.Default.Expand(host, port));
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
    [InlineData("fe80%3A%3A1%253Ceth0/443/")]
    [InlineData("%25253A%25253A1/443/")]
    [InlineData("%253A%253A1/44%253A3/")]
    [InlineData("%253/443/")]
    [InlineData("a%252Eexample/443/")]
    [InlineData("a%253A443/443/")]
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

        Assert.True(ConnectUdpTemplate.Default.HasPrefix(path));
        Assert.False(ConnectUdpTemplate.Default.TryParsePath(path, out var target));
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
        Assert.False(ConnectUdpTemplate.Default.HasPrefix(Encoding.ASCII.GetBytes(path)));
        Assert.False(ConnectUdpTemplate.Default.TryParsePath(Encoding.ASCII.GetBytes(path), out _));
    }

    // RFC 9298 §2, and each kind of expansion there may be.
    [Theory]
    [InlineData("/.well-known/masque/udp/{target_host}/{target_port}/", "/.well-known/masque/udp/%3A%3A1/53/")]
    [InlineData("/masque?h={target_host}&p={target_port}", "/masque?h=%3A%3A1&p=53")]
    [InlineData("/masque{?target_host,target_port}", "/masque?target_host=%3A%3A1&target_port=53")]
    [InlineData("/masque{?target_port,target_host}", "/masque?target_port=53&target_host=%3A%3A1")]
    [InlineData("/masque{?target_port}{&target_host}", "/masque?target_port=53&target_host=%3A%3A1")]
    [InlineData("/masque?a=b{&target_port,target_host}", "/masque?a=b&target_port=53&target_host=%3A%3A1")]
    [InlineData("/{target_host,target_port}", "/%3A%3A1,53")]
    [InlineData("/{target_port}:{target_host}", "/53:%3A%3A1")]
    [InlineData("/%7Ea/{target_host}/x/{target_port}.udp?a@b:c", "/%7Ea/%3A%3A1/x/53.udp?a@b:c")]
    public void TryParse_Template_IsExpandedAndReadBack(string text, string path)
    {
        Assert.True(ConnectUdpTemplate.TryParse(text, out var template, out var error), error);
        Assert.Equal((text, path), (template.ToString(), template.Expand("::1", 53)));
        Assert.True(template.TryParsePath(Encoding.ASCII.GetBytes(path), out var target));
        Assert.Equal("[::1]:53", target.ToString());
        Assert.False(template.TryParsePath(Encoding.ASCII.GetBytes(path + "/"), out _));
        Assert.False(template.TryParsePath(Encoding.ASCII.GetBytes(path + "&a=b"), out _));
        Assert.False(template.TryParsePath(Encoding.ASCII.GetBytes("/" + path), out _));
        for (var length = 0; length < path.Length - 1; length++)
        {
            var start = Encoding.ASCII.GetBytes(path)[..length];
            Assert.True(!template.TryParsePath(start, out _) || path[length..] is "3" or "53");
        }
    }

    [Theory]
    [InlineData("", "'' does not begin with a slash: a path is wanted, and a query if there is one")]
    [InlineData("{target_host}/{target_port}",
        "'{target_host}/{target_port}' does not begin with a slash: a path is wanted, and a query if there is one")]
    [InlineData("https://a/{target_host}/{target_port}",
        "'https://a/{target_host}/{target_port}' does not begin with a slash: a path is wanted, and a query if there is one")]
    [InlineData("/", "'/' has no {target_host}")]
    [InlineData("/{target_host}/", "'/{target_host}/' has no {target_port}")]
    [InlineData("/{target_port}/", "'/{target_port}/' has no {target_host}")]
    [InlineData("/{target_host}/{target_host}/", "'/{target_host}/{target_host}/' has target_host twice")]
    [InlineData("/{target_host}/{target_port}/{x}", "'/{target_host}/{target_port}/{x}' has 'x', which is neither target_host nor target_port")]
    [InlineData("/{}", "'/{}' has '', which is neither target_host nor target_port")]
    [InlineData("/{target_host,}", "'/{target_host,}' has '', which is neither target_host nor target_port")]
    [InlineData("/{target_host*}", "'/{target_host*}' has 'target_host*', which is neither target_host nor target_port")]
    [InlineData("/{target_host:3}", "'/{target_host:3}' has 'target_host:3', which is neither target_host nor target_port")]
    [InlineData("/{ target_host}", "'/{ target_host}' has ' target_host', which is neither target_host nor target_port")]
    [InlineData("/{+target_host}", "'/{+target_host}' has '{+', an expansion that templates of UDP tunnels do not have (RFC 9298 §2)")]
    [InlineData("/{#target_host}", "'/{#target_host}' has '{#', an expansion that templates of UDP tunnels do not have (RFC 9298 §2)")]
    [InlineData("/a{/target_host}", "'/a{/target_host}' has '{/', an expansion that templates of UDP tunnels do not have (RFC 9298 §2)")]
    [InlineData("/{=target_host}", "'/{=target_host}' has '{=', an expansion that templates of UDP tunnels do not have (RFC 9298 §2)")]
    [InlineData("/?a{?target_host}", "'/?a{?target_host}' has '{?' after the query has begun: write {&")]
    [InlineData("/{&target_host}", "'/{&target_host}' has '{&' before a query: write {?")]
    [InlineData("/{target_host", "'/{target_host' has a brace that is not closed")]
    [InlineData("/}", "'/}' has '}' where a path or a query cannot")]
    [InlineData("/#", "'/#' has '#' where a path or a query cannot")]
    [InlineData("/a b", "'/a b' has ' ' where a path or a query cannot")]
    [InlineData("/%4", "'/%4' has '%' where a path or a query cannot")]
    [InlineData("/\u00e9", "'/\u00e9' has '\u00e9' where a path or a query cannot")]
    [InlineData("/{target_host}{target_port}", "'/{target_host}{target_port}' has nothing between its variables that is part of neither, such as a slash")]
    [InlineData("/{target_host}-{target_port}", "'/{target_host}-{target_port}' has nothing between its variables that is part of neither, such as a slash")]
    [InlineData("/{target_host}%2F{target_port}", "'/{target_host}%2F{target_port}' has nothing between its variables that is part of neither, such as a slash")]
    public void TryParse_OtherText_SaysWhy(string text, string expected)
    {
        Assert.False(ConnectUdpTemplate.TryParse(text, out var template, out var error));
        Assert.Equal((null, expected), (template?.ToString(), error));
    }

    [Fact]
    public void TryParse_AnyTemplate_ReadsBackWhatItExpands()
    {
        var literal = Gen.ListOf(Gen.Elements('a', '/', '-', ':', ',', '@', '.', '~', '=')).Select(string.Concat);
        var samples =
            from prefix in literal
            from between in Gen.Elements("/", ",", "&", ":a", "/-", "=/")
            from middle in literal
            from suffix in literal
            from swapped in Gen.Elements(true, false)
            from form in Gen.Choose(0, 3)
            from host in Gen.Elements("example.com", "a", "192.0.2.1", "2001:db8::42", "_a.b-c.", "a-b.")
            from port in Gen.Choose(1, 65535)
            select (Prefix: prefix, Middle: between + middle, Suffix: suffix, Swapped: swapped, Form: form, Host: host,
                Port: port);

        Properties.Check(samples, sample =>
        {
            var (first, second) = sample.Swapped ? ("target_port", "target_host") : ("target_host", "target_port");
            var variables = sample.Form switch
            {
                0 => $"{{{first}}}{sample.Middle}{{{second}}}",
                1 => $"{{{first},{second}}}",
                2 => $"{{?{first},{second}}}",
                _ => $"{{?{first}}}{sample.Middle}{{&{second}}}",
            };
            var text = $"/{sample.Prefix}{variables}{sample.Suffix}";
            Assert.True(ConnectUdpTemplate.TryParse(text, out var template, out var error), error);
            var path = template.Expand(sample.Host, sample.Port);
            Assert.True(template.TryParsePath(Encoding.ASCII.GetBytes(path), out var target), $"{text} {path}");
            Assert.Equal(new TargetAuthority(sample.Host, sample.Port), target);
        });
    }

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public void TryParsePath_LongHost_IsBoundedAfterDecoding(int length, bool expected)
    {
        var path = Prefix + string.Concat(Enumerable.Repeat("%61", length)) + "/1/";

        Assert.Equal(expected, ConnectUdpTemplate.Default.TryParsePath(Encoding.ASCII.GetBytes(path), out _));
    }

    [Theory]
    [InlineData("192.0.2.6", 443, "192.0.2.6/443/")]
    [InlineData("2001:db8::42", 443, "2001%3Adb8%3A%3A42/443/")]
    [InlineData("a b/c", 1, "a%20b%2Fc/1/")]
    public void Expand_HostAndPort_EncodesAllButUnreserved(string host, int port, string expected) =>
        Assert.Equal(Prefix + expected, ConnectUdpTemplate.Default.Expand(host, port));

    [Fact]
    public void Expand_NothingToExpand_Throws()
    {
        Assert.Throws<ArgumentException>(() => ConnectUdpTemplate.Default.Expand("", 443));
        Assert.Throws<ArgumentNullException>(() => ConnectUdpTemplate.Default.Expand(null!, 443));
        Assert.Throws<ArgumentOutOfRangeException>(() => ConnectUdpTemplate.Default.Expand("a", 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ConnectUdpTemplate.Default.Expand("a", 65536));
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
            var path = ConnectUdpTemplate.Default.Expand(sample.Host, sample.Port);
            if (sample.Host.Length > 255)
                return;
            Assert.True(ConnectUdpTemplate.Default.TryParsePath(Encoding.ASCII.GetBytes(path), out var target), path);
            Assert.Equal(new TargetAuthority(sample.Host, sample.Port), target);
        });
    }
}
