using Relay.Native.Linux;

namespace Relay.Native.Tests.Linux;

public class RouteSocketTests
{
    private static readonly (IPAddress Network, int Length)[] Prefixes =
        [(IPAddress.Parse("198.51.100.0"), 24), (IPAddress.Parse("2001:db8:77::"), 64)];

    [Fact]
    public void Routes_AddedAndRemoved_AreThoseThatIpShows() => NetworkNamespace.Run(() =>
    {
        using var routes = new RouteSocket();
        foreach (var (network, length) in Prefixes)
            Assert.Equal(0, routes.Add(network, length));
        Assert.Contains("local 198.51.100.0/24 dev lo proto 82", Local(4), StringComparison.Ordinal);
        Assert.Contains("local 2001:db8:77::/64 dev lo proto 82", Local(6), StringComparison.Ordinal);
        Assert.Equal(Prefixes, routes.List());
        foreach (var (network, length) in Prefixes)
            Assert.Equal(-Errno.EEXIST, routes.Add(network, length));

        foreach (var (network, length) in Prefixes)
            Assert.Equal(0, routes.Remove(network, length));
        Assert.Empty(routes.List());
        foreach (var (network, length) in Prefixes)
            Assert.Equal(-Errno.ESRCH, routes.Remove(network, length));
    });

    [Fact]
    public void Remove_WithARouteOfTheOperatorsForThePrefix_LeavesThat() => NetworkNamespace.Run(() =>
    {
        NetworkNamespace.Ip("route add local 198.51.100.0/24 dev lo");
        NetworkNamespace.Ip("-6 route add local 2001:db8:77::/64 dev lo");
        using var routes = new RouteSocket();
        foreach (var (network, length) in Prefixes)
        {
            Assert.Equal(0, routes.Add(network, length));
            Assert.Equal(0, routes.Remove(network, length));
            Assert.Equal(-Errno.ESRCH, routes.Remove(network, length));
        }
        Assert.Contains("local 198.51.100.0/24 dev lo", Local(4), StringComparison.Ordinal);
        Assert.Contains("local 2001:db8:77::/64 dev lo", Local(6), StringComparison.Ordinal);
    });

    [Fact]
    public void List_OfManyRoutes_IsRead() => NetworkNamespace.Run(() =>
    {
        using var routes = new RouteSocket();
        for (var i = 0; i < 2000; i++)
            Assert.Equal(0, routes.Add(new IPAddress([198, 18, (byte)(i >> 8), (byte)i]), 32));
        Assert.Equal(2000, routes.List().Count);
    });

    private static string Local(int family) => NetworkNamespace.Ip($"-{family} route show table local");
}
