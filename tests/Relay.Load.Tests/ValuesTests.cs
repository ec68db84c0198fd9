using Relay.Load.Cli;
using Relay.Load.Client;
using Relay.Protocol;

namespace Relay.Load.Tests;

public class ValuesTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("1500", 1500)]
    [InlineData("64KiB", 64 * 1024)]
    [InlineData("1GiB", 1L << 30)]
    [InlineData("1gib", 1L << 30)]
    [InlineData("10MB", 10_000_000)]
    [InlineData("2G", 2L << 30)]
    [InlineData("7B", 7)]
    public void Bytes_WithUnit_IsTheProduct(string text, long expected) => Assert.Equal(expected, Values.Bytes(text));

    [Theory]
    [InlineData("")]
    [InlineData("GiB")]
    [InlineData("-1")]
    [InlineData("1.5GiB")]
    [InlineData("99999999999TiB")]
    public void Bytes_OfAnythingElse_IsAUsageError(string text) =>
        Assert.Throws<UsageException>(() => Values.Bytes(text));

    [Fact]
    public void Relay_WithoutPort_Is443()
    {
        Assert.Equal((new IPEndPoint(IPAddress.Loopback, 443), "127.0.0.1"), Values.Relay("127.0.0.1"));
        Assert.Equal((new IPEndPoint(IPAddress.IPv6Loopback, 4433), "::1"), Values.Relay("[::1]:4433"));
        Assert.Throws<UsageException>(() => Values.Relay("a b"));
    }

    [Fact]
    public void EndPoint_OfAPortAlone_IsTheLoopbacks()
    {
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 8080), Values.EndPoint("8080"));
        Assert.Equal(new IPEndPoint(IPAddress.Any, 53), Values.EndPoint("0.0.0.0:53"));
        Assert.Throws<UsageException>(() => Values.EndPoint("nowhere:1"));
    }

    [Fact]
    public void Field_IsSplitAtItsColonAndLowered()
    {
        Assert.Equal(("proxy-authorization", "Bearer a:b"), Values.Field("Proxy-Authorization: Bearer a:b"));
        Assert.Throws<UsageException>(() => Values.Field("no colon"));
        Assert.Throws<UsageException>(() => Values.Field("two words: x"));
    }

    [Fact]
    public void Expand_IPv6Target_EncodesColons() => Assert.Equal(
        "/x/2001%3Adb8%3A%3A1/443/",
        RequestWriter.Expand("/x/{target_host}/{target_port}/", new TargetAuthority("2001:db8::1", 443)));
}
