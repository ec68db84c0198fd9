using Relay.Fleet.Contract;
using Relay.Node.Egress;

namespace Relay.Node.Tests.Egress;

public class EgressSelectorTests
{
    [Theory]
    [InlineData("198.51.100.0/32", 1)]
    [InlineData("198.51.100.0/31", 2)]
    [InlineData("198.51.100.0/30", 2)]
    [InlineData("198.51.100.16/28", 14)]
    [InlineData("2001:db8::/128", 1)]
    [InlineData("2001:db8::/127", 2)]
    [InlineData("2001:db8::10/124", 16)]
    public void Choose_ASmallPrefix_GivesEveryHostAndNoOtherAddress(string text, int hosts)
    {
        var prefix = Prefix.Parse(text);
        var chosen = Draw(prefix, 2000);
        // The least likely of these misses has a chance of (15/16)^2000, about 10^-56.
        Assert.Equal(hosts, chosen.Count);
        Assert.All(chosen.Keys, address => Assert.True(EgressSelector.IsHost(prefix, AddressBits.Of(address))));
    }

    [Theory]
    [InlineData("198.51.100.0/28")]
    [InlineData("2001:db8::/124")]
    public void Choose_ManyTimes_FavoursNoAddress(string text)
    {
        const int draws = 64_000;
        var chosen = Draw(Prefix.Parse(text), draws);
        var expected = (double)draws / chosen.Count;
        var chiSquare = chosen.Values.Sum(count => Math.Pow(count - expected, 2) / expected);
        // At up to 15 degrees of freedom, more than 120 happens by chance once in 10^18 runs.
        Assert.True(chiSquare < 120, $"chi-square {chiSquare}: {string.Join(' ', chosen.Values)}");
    }

    [Theory]
    [InlineData("198.51.100.0/24", 0x40UL)]
    [InlineData("2001:db8::/64", 1UL << 63)]
    [InlineData("2001:db8::/64", 1UL)]
    public void Choose_AnyBitOfTheHostPart_IsSetHalfTheTime(string text, ulong bit)
    {
        const int draws = 10_000;
        var set = Draw(Prefix.Parse(text), draws)
            .Sum(pair => (AddressBits.Of(pair.Key).Value & bit) != UInt128.Zero ? pair.Value : 0);
        Assert.InRange(set, (draws / 2) - 500, (draws / 2) + 500); // ten standard deviations
    }

    [Fact]
    public void Choose_TheWholeOfIPv6_Works() =>
        Assert.Equal(System.Net.Sockets.AddressFamily.InterNetworkV6,
            EgressSelector.Choose(Prefix.Parse("::/0")).AddressFamily);

    private static Dictionary<IPAddress, int> Draw(Prefix prefix, int draws) =>
        Enumerable.Range(0, draws).Select(_ => EgressSelector.Choose(prefix))
            .CountBy(address => address).ToDictionary(pair => pair.Key, pair => pair.Value);
}
