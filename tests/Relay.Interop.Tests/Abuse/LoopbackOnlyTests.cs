using Relay.Abuse;
using Relay.Abuse.Wire;

namespace Relay.Interop.Tests.Abuse;

/// <summary>The hostile client speaks to loopback, and nothing lifts that.</summary>
public sealed class LoopbackOnlyTests
{
    [Theory]
    [InlineData("192.0.2.1:443")]
    [InlineData("0.0.0.0:443")]
    [InlineData("10.0.0.1:443")]
    [InlineData("128.0.0.1:443")]
    [InlineData("[::]:443")]
    [InlineData("[::1]:443")]
    [InlineData("[2001:db8::1]:443")]
    [InlineData("[::ffff:192.0.2.1]:443")]
    [InlineData("localhost:443")]
    [InlineData("127.0.0.1")]
    public void Address_OfAnother_IsRefused(string address)
    {
        Assert.False(AbuseOptions.TryParse(["all", "--relay", address], out _, out var error));
        Assert.StartsWith("--relay: ", error, StringComparison.Ordinal);
        Assert.False(AbuseOptions.TryParse(["all", "--relay", "127.0.0.1:443", "--control", address], out _, out error));
        Assert.StartsWith("--control: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Address_OfLoopback_IsTaken_WithTheOtherOptions()
    {
        Assert.True(AbuseOptions.TryParse(
            ["h3-resets", "--relay", "127.0.0.1:443", "--control", "127.1.2.3:444", "--relay-pid", "7", "--seconds", "1"],
            out var options, out _));
        Assert.Equal(("h3-resets", 443, 444, 7, 1, 60), (
            options.Attack, options.Relay.Port, options.Control!.Port, options.RelayPid, options.Seconds, options.Settle));
    }

    [Theory]
    [InlineData("--any-address")]
    [InlineData("--force")]
    [InlineData("--allow-target")]
    public void Option_ThatIsNone_IsRefused(string option) =>
        Assert.False(AbuseOptions.TryParse(["all", "--relay", "127.0.0.1:443", option, "1"], out _, out _));

    /// <summary>Whoever makes a client without the options is refused as well.</summary>
    [Theory]
    [InlineData("192.0.2.1")]
    [InlineData("::1")]
    public void Socket_TowardAnother_IsNotOpened(string address)
    {
        var relay = new IPEndPoint(IPAddress.Parse(address), 443);
        Assert.Throws<InvalidOperationException>(() => new QuicPeer(relay, IPAddress.Loopback));
        Assert.Throws<InvalidOperationException>(() => TlsPeer.Connect(relay, IPAddress.Loopback));
    }
}
