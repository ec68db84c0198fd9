using System.Text;
using FsCheck.Fluent;

namespace Relay.Protocol.Tests;

public class TargetAuthorityTests
{
    [Theory]
    [InlineData("example.com:443", "example.com", 443)]
    [InlineData("EXAMPLE.Com:443", "example.com", 443)]
    [InlineData("example.com.:443", "example.com.", 443)]
    [InlineData("localhost:1", "localhost", 1)]
    [InlineData("a:65535", "a", 65535)]
    [InlineData("xn--bcher-kva.example:80", "xn--bcher-kva.example", 80)]
    [InlineData("_dns.resolver.arpa:853", "_dns.resolver.arpa", 853)]
    [InlineData("3com.example:80", "3com.example", 80)]
    [InlineData("1.2.3.4.example:80", "1.2.3.4.example", 80)]
    [InlineData("1e100.net:443", "1e100.net", 443)]
    [InlineData("example.1a:443", "example.1a", 443)]
    [InlineData("example.0xg:443", "example.0xg", 443)]
    [InlineData("0x7f.example:443", "0x7f.example", 443)]
    [InlineData("dead.beef:443", "dead.beef", 443)]
    [InlineData("-a-.b-:443", "-a-.b-", 443)]
    public void TryParse_Name_IsANameInLowerCase(string authority, string host, int port)
    {
        Assert.True(TargetAuthority.TryParse(Encoding.Latin1.GetBytes(authority), out var target));
        Assert.Equal((host, port), (target.Host, target.Port));
        Assert.False(target.IsIpLiteral);
        Assert.Null(target.Address);
        Assert.Equal($"{host}:{port}", target.ToString());
    }

    [Theory]
    [InlineData("192.0.2.1:443", "192.0.2.1")]
    [InlineData("0.0.0.0:443", "0.0.0.0")]
    [InlineData("255.255.255.255:443", "255.255.255.255")]
    [InlineData("127.0.0.1:443", "127.0.0.1")]
    [InlineData("[::]:443", "::")]
    [InlineData("[::1]:443", "::1")]
    [InlineData("[2001:DB8::42]:443", "2001:db8::42")]
    [InlineData("[2001:db8:0:0:0:0:0:42]:443", "2001:db8::42")]
    [InlineData("[2001:0db8:0000:0000:0000:0000:0000:0042]:443", "2001:db8::42")]
    [InlineData("[1::]:443", "1::")]
    [InlineData("[1:2:3:4:5:6:7::]:443", "1:2:3:4:5:6:7:0")]
    [InlineData("[::2:3:4:5:6:7:8]:443", "0:2:3:4:5:6:7:8")]
    [InlineData("[1:2:3:4:5:6:7:8]:443", "1:2:3:4:5:6:7:8")]
    [InlineData("[::ffff:192.0.2.1]:443", "::ffff:192.0.2.1")]
    [InlineData("[64:ff9b::192.0.2.1]:443", "64:ff9b::c000:201")]
    [InlineData("[1:2:3:4:5:6:192.0.2.1]:443", "1:2:3:4:5:6:c000:201")]
    [InlineData("[fe80::1]:443", "fe80::1")]
    public void TryParse_Address_IsAnIpLiteral(string authority, string host)
    {
        Assert.True(TargetAuthority.TryParse(Encoding.Latin1.GetBytes(authority), out var target));
        Assert.Equal(host, target.Host);
        Assert.True(target.IsIpLiteral);
        Assert.Equal(IPAddress.Parse(host), target.Address);
        Assert.True(TargetAuthority.TryParse(Encoding.Latin1.GetBytes(target.ToString()), out var again));
        Assert.Equal(target, again);
    }

    [Theory]

    // The port is mandatory, 1 to 65535, in its one spelling (RFC 9110 §9.3.6).
    [InlineData("")]
    [InlineData("example.com")]
    [InlineData("example.com:")]
    [InlineData("example.com:0")]
    [InlineData("example.com:65536")]
    [InlineData("example.com:99999")]
    [InlineData("example.com:4294967739")]
    [InlineData("example.com:0443")]
    [InlineData("example.com:00")]
    [InlineData("example.com:+443")]
    [InlineData("example.com:-1")]
    [InlineData("example.com: 443")]
    [InlineData("example.com:443 ")]
    [InlineData("example.com:4_3")]
    [InlineData("example.com:0x50")]
    [InlineData("example.com:https")]
    [InlineData("example.com:443:443")]

    // The host is not empty, and there is no more to it than a host.
    [InlineData(":443")]
    [InlineData(":")]
    [InlineData(".:443")]
    [InlineData("..:443")]
    [InlineData(".example.com:443")]
    [InlineData("a..b:443")]
    [InlineData("a..:443")]
    [InlineData("user@example.com:443")]
    [InlineData("user:pass@example.com:443")]
    [InlineData("https://example.com:443")]
    [InlineData("example.com/:443")]
    [InlineData("example.com:443/")]
    [InlineData("example.com?:443")]
    [InlineData("example.com#:443")]
    [InlineData("exa mple.com:443")]
    [InlineData("example.com\t:443")]
    [InlineData("example.com\0:443")]
    [InlineData("example.com\r\nx:443")]
    [InlineData("example.com\u007f:443")]
    [InlineData("b\u00fccher.example:443")]
    [InlineData("example%2ecom:443")]
    [InlineData("*:443")]
    [InlineData("a,b:443")]
    [InlineData("a\\b:443")]

    // What only looks like an IPv4 address is neither address nor name.
    [InlineData("127.1:443")]
    [InlineData("127.0.1:443")]
    [InlineData("1.2.3.4.5:443")]
    [InlineData("2130706433:443")]
    [InlineData("0x7f000001:443")]
    [InlineData("0X7F.0.0.1:443")]
    [InlineData("0x7f.1:443")]
    [InlineData("127.0.0.0x1:443")]
    [InlineData("example.0x:443")]
    [InlineData("017700000001:443")]
    [InlineData("010.0.0.1:443")]
    [InlineData("10.0.0.01:443")]
    [InlineData("192.0.2.00:443")]
    [InlineData("256.0.2.1:443")]
    [InlineData("192.0.2.1.:443")]
    [InlineData("192.0.2.:443")]
    [InlineData("192.0.2.1000:443")]
    [InlineData("example.123:443")]
    [InlineData("1:443")]

    // IPv6 goes in brackets, alone, whole, without a zone.
    [InlineData("::1:443")]
    [InlineData("2001:db8::42")]
    [InlineData("2001:db8::42:443")]
    [InlineData("[::1]")]
    [InlineData("[::1]443")]
    [InlineData("[::1:443")]
    [InlineData("::1]:443")]
    [InlineData("[]:443")]
    [InlineData("[[::1]]:443")]
    [InlineData("[::1]x:443")]
    [InlineData("[192.0.2.1]:443")]
    [InlineData("[example.com]:443")]
    [InlineData("[v1.fe80]:443")]
    [InlineData("[fe80::1%eth0]:443")]
    [InlineData("[fe80::1%25eth0]:443")]
    [InlineData("[::1%1]:443")]
    [InlineData("[::1/64]:443")]
    [InlineData("[:::]:443")]
    [InlineData("[:::1]:443")]
    [InlineData("[::1::]:443")]
    [InlineData("[:1::2]:443")]
    [InlineData("[1:2:3:4:5:6:7:]:443")]
    [InlineData("[1:2:3:4:5:6:7]:443")]
    [InlineData("[1:2:3:4:5:6:7:8:9]:443")]
    [InlineData("[1:2:3:4:5:6:7:8::]:443")]
    [InlineData("[::1:2:3:4:5:6:7:8]:443")]
    [InlineData("[::12345]:443")]
    [InlineData("[::g]:443")]
    [InlineData("[::1.2.3]:443")]
    [InlineData("[::1.2.3.256]:443")]
    [InlineData("[::01.2.3.4]:443")]
    [InlineData("[::1.2.3.4:5]:443")]
    [InlineData("[1:2:3:4:5:6:7:1.2.3.4]:443")]
    [InlineData("[::ffff:0x7f.1]:443")]
    public void TryParse_Malformed_IsRefused(string authority)
    {
        Assert.False(TargetAuthority.TryParse(Encoding.Latin1.GetBytes(authority), out var target));
        Assert.Equal(default, target);
    }

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public void TryParse_LongHost_IsBounded(int length, bool expected) =>
        Assert.Equal(
            expected, TargetAuthority.TryParse(Encoding.ASCII.GetBytes(new string('a', length) + ":1"), out _));

    [Theory]
    [InlineData("2001:db8::42", 443, true)]
    [InlineData("192.0.2.1", 443, true)]
    [InlineData("example.com", 1, true)]
    [InlineData("[2001:db8::42]", 443, false)]
    [InlineData("example.com", 0, false)]
    [InlineData("example.com", 65536, false)]
    [InlineData("example.com", -1, false)]
    [InlineData("", 443, false)]
    public void TryCreate_Parts_AreChecked(string host, int port, bool expected) =>
        Assert.Equal(expected, TargetAuthority.TryCreate(Encoding.ASCII.GetBytes(host), port, out _));

    [Fact]
    public void Constructor_Parts_AreCheckedAndNormalized()
    {
        Assert.Equal("example.com:443", new TargetAuthority("Example.COM", 443).ToString());
        Assert.Equal("[2001:db8::1]:443", new TargetAuthority("2001:DB8:0::1", 443).ToString());
        Assert.Throws<ArgumentException>(() => new TargetAuthority("127.1", 443));
        Assert.Throws<ArgumentException>(() => new TargetAuthority("b\u00fccher.example", 443));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TargetAuthority("example.com", 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TargetAuthority("example.com", 65536));
        Assert.Throws<ArgumentNullException>(() => new TargetAuthority(null!, 1));
    }

    [Fact]
    public void Equals_OneTargetInTwoSpellings_IsTrue()
    {
        Assert.Equal(new TargetAuthority("EXAMPLE.com", 1), new TargetAuthority("example.COM", 1));
        Assert.Equal(new TargetAuthority("2001:db8:0::1", 1), new TargetAuthority("2001:db8::1", 1));
        Assert.NotEqual(new TargetAuthority("example.com", 1), new TargetAuthority("example.com", 2));
        Assert.Equal("", default(TargetAuthority).Host);
    }

    [Fact]
    public void TryParse_AddressesAsThePlatformWritesThem_AreTheSame() =>
        Properties.Check(
            Gen.OneOf(Gen.ArrayOf(Properties.Byte, 4), Gen.ArrayOf(Properties.Byte, 16), Gen.ArrayOf(Sparse, 16)),
            bytes =>
            {
                var address = new IPAddress(bytes);
                var text = bytes.Length == 4 ? $"{address}:7" : $"[{address}]:7";
                Assert.True(TargetAuthority.TryParse(Encoding.ASCII.GetBytes(text), out var target), text);
                Assert.Equal((address, address.ToString()), (target.Address, target.Host));
            });

    // What this parser takes for an address, the platform's takes for the same one: the strict form is a subset.
    [Fact]
    public void TryCreate_TextNearAnAddress_NeverDisagreesWithThePlatform() =>
        Properties.Check(
            Gen.ArrayOf(Gen.Elements(
                    "0", "1", "12", "255", "256", "ab", "ffff", ":", "::", ":", ".", "%", "x", "[", "]"))
                .Select(string.Concat),
            text =>
            {
                if (TargetAuthority.TryCreate(Encoding.ASCII.GetBytes(text), 1, out var target) && target.IsIpLiteral)
                    Assert.Equal(IPAddress.Parse(text), target.Address);
            },
            cases: 3000);

    private static FsCheck.Gen<byte> Sparse { get; } =
        Gen.OneOf(Gen.Constant((byte)0), Gen.Constant((byte)0), Properties.Byte);
}
