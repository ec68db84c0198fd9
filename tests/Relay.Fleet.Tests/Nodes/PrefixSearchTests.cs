using Relay.Fleet.Nodes;

namespace Relay.Fleet.Tests.Nodes;

public class PrefixSearchTests
{
    [Fact]
    public void Overlapping_OfAnyPrefixes_FindsThoseThatOverlap()
    {
        var random = new Random(19);
        for (var round = 0; round < 300; round++)
        {
            Prefix[] all = [.. Enumerable.Range(0, random.Next(40)).Select(_ => Any(random))];
            var search = new PrefixSearch<Prefix>(all, static prefix => prefix);
            for (var i = 0; i < 20; i++)
            {
                var one = Any(random);
                Assert.Equal(all.Where(one.Overlaps).Order(), search.Overlapping(one).Order());
            }
        }
    }

    [Fact]
    public void Overlapping_OfAllAddresses_FindsThoseOfTheFamily()
    {
        Prefix[] all = [Prefix.Parse("0.0.0.0/0"), Prefix.Parse("192.0.2.1/32"), Prefix.Parse("::/0"), Prefix.Parse("2001:db8::/32")];
        var search = new PrefixSearch<Prefix>(all, static prefix => prefix);

        Assert.Equal(all[..2], search.Overlapping(all[0]));
        Assert.Equal(all[..2], search.Overlapping(all[1]));
        Assert.Equal(all[2..], search.Overlapping(all[3]));
    }

    // Of so few addresses that many overlap, one within the other among them, and the same twice.
    private static Prefix Any(Random random) => random.Next(2) == 0
        ? Prefix.Of(AddressBits.IPv4((uint)random.Next(64) << 26), random.Next(7))
        : Prefix.Of(new AddressBits(false, (UInt128)random.Next(64) << 122), random.Next(7));
}
