using System.Text.Json;
using Relay.Fleet.Json;
using Relay.Fleet.Leases;

namespace Relay.Fleet.Tests.Leases;

public class PrefixTests
{
    [Theory]
    [InlineData("2001:db8::/32", true)]
    [InlineData("198.51.100.0/24", true)]
    [InlineData("0.0.0.0/0", true)]
    [InlineData("198.51.100.1/24", false)]
    [InlineData("::ffff:198.51.100.0/120", false)]
    [InlineData("fe80::%1/64", false)]
    [InlineData("198.51.100.0", false)]
    [InlineData("010.0.0.0/8", false)]
    [InlineData("0xc6336400/24", false)]
    [InlineData("198.51/16", false)]
    [InlineData("[2001:db8::]/32", false)]
    [InlineData("198.51.100.0/33", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void TryParse_OfAText_TakesPrefixesOnly(string? text, bool isPrefix)
    {
        Assert.Equal(isPrefix, Prefix.TryParse(text, out var prefix));
        if (isPrefix)
            Assert.Equal(text, prefix.ToString());
    }

    [Theory]
    [InlineData("10.0.0.0", 33)]
    [InlineData("10.0.0.1", 8)]
    [InlineData("2001:db8::", -1)]
    public void New_OutOfRange_Throws(string address, int length) =>
        Assert.Throws<ArgumentException>(() => new Prefix(AddressBits.Of(IPAddress.Parse(address)), length));

    [Theory]
    [InlineData("2001:db8::/32", 0, 64, "2001:db8::/64")]
    [InlineData("2001:db8::/44", 1048575, 64, "2001:db8:f:ffff::/64")]
    [InlineData("198.51.100.0/24", 15, 28, "198.51.100.240/28")]
    [InlineData("0.0.0.0/0", 1, 1, "128.0.0.0/1")]
    [InlineData("::/0", 0, 0, "::/0")]
    public void Block_OfAPrefix_IsTheNumberedPart(string prefix, int index, int length, string block) =>
        Assert.Equal(Prefix.Parse(block), Prefix.Parse(prefix).Block((UInt128)index, length));

    [Theory]
    [InlineData("198.51.100.0/24", 30, "198.51.100.8/29", 2, 3)]
    [InlineData("198.51.100.0/24", 28, "198.51.100.8/29", 0, 0)]
    [InlineData("198.51.100.0/24", 28, "198.51.0.0/16", 0, 15)]
    [InlineData("2001:db8::/44", 64, "2001:db8:f::/48", 983040, 1048575)]
    public void BlocksWithin_OfAnOverlap_AreThoseThatItTouches(
        string pool, int length, string other, long first, long last) =>
        Assert.Equal((first, last), Prefix.Parse(pool).BlocksWithin(Prefix.Parse(other), length));

    [Fact]
    public void BlocksWithin_OfAnotherPrefix_AreNone()
    {
        Assert.Null(Prefix.Parse("198.51.100.0/24").BlocksWithin(Prefix.Parse("198.51.101.0/24"), 28));
        Assert.Null(Prefix.Parse("198.51.100.0/24").BlocksWithin(Prefix.Parse("::/0"), 28));
    }

    [Fact]
    public void Order_OfPrefixes_IsThatOfAddresses()
    {
        string[] order = ["10.0.0.0/8", "10.0.0.0/16", "198.51.100.0/24", "::/0", "2001:db8::/32"];

        Assert.Equal(order, order.Reverse().Select(Prefix.Parse).Order().Select(prefix => prefix.ToString()));
    }

    [Fact]
    public void Json_OfAPrefix_IsItsText()
    {
        var claim = new LeaseClaim("v6", Prefix.Parse("2001:db8::/64"), 7);
        var state = new PrefixPoolState
        {
            Pool = new PrefixPool
            {
                Name = "v6",
                Prefix = claim.Prefix,
                BlockLength = 64
            },
            NextEpoch = 1
        };

        var json = JsonSerializer.Serialize(state, FleetJson.Of<PrefixPoolState>());

        Assert.Contains("\"prefix\":\"2001:db8::/64\"", json, StringComparison.Ordinal);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(
            json.Replace("2001:db8::/64", "2001:db8::1/64", StringComparison.Ordinal),
            FleetJson.Of<PrefixPoolState>()));
    }
}
