using Relay.Interop.Tests.Egress.World;

namespace Relay.Interop.Tests.Egress;

/// <summary><c>--manage-local-routes</c>, by a process that ends well, is killed, and starts again.</summary>
public sealed class LocalRoutesTests : EgressTests
{
    private const string Mine = "local 198.51.100.0/24 dev lo proto 82";

    private readonly string[] _options = Recipe.Read("managed").Options;

    [Fact]
    public async Task Routes_AfterAKillAndARestart_WorkAndAreRemovedAtTheEnd()
    {
        using var folder = new ScratchFolder();
        await Recipe.Read("managed").PrepareAsync(World);
        var before = await RoutesAsync();
        await using (await RelayProgram.StartAsync(World.Host, folder, _options))
        {
            await UseAsync();
            Assert.Contains(Mine, await RoutesAsync(), StringComparison.Ordinal);
        }

        // Disposing killed it (SIGKILL), and the routes are still there.
        Assert.Contains(Mine, await RoutesAsync(), StringComparison.Ordinal);
        await using (var relay = await RelayProgram.StartAsync(World.Host, folder, _options))
        {
            await UseAsync();
            Assert.Equal(0, await relay.TerminateAsync(Limits.Stop));
        }

        Assert.Equal(before, await RoutesAsync());
    }

    [Fact]
    public async Task Routes_OfAKilledNodeWithAnotherPrefix_AreRemovedByTheNext()
    {
        using var folder = new ScratchFolder();
        var before = await RoutesAsync();
        await (await RelayProgram.StartAsync(
            World.Host, folder, ["--outbound-prefix-ipv6", "2001:db8:66::/64", "--manage-local-routes"]))
                .DisposeAsync();
        Assert.Contains("local 2001:db8:66::/64 dev lo proto 82", await RoutesAsync(), StringComparison.Ordinal);
        await using var relay = await RelayProgram.StartAsync(World.Host, folder, _options);
        var routes = await RoutesAsync();
        Assert.Contains(Mine, routes, StringComparison.Ordinal);
        Assert.DoesNotContain("2001:db8:66::", routes, StringComparison.Ordinal);
        Assert.Equal(0, await relay.TerminateAsync(Limits.Stop));
        Assert.Equal(before, await RoutesAsync());
    }

    [Fact]
    public async Task Routes_OfTheOperator_AreLeft()
    {
        using var folder = new ScratchFolder();
        await World.Host.ShellAsync("ip route add local 198.51.100.0/24 dev lo");
        var before = await RoutesAsync();
        await using var relay = await RelayProgram.StartAsync(World.Host, folder, _options);
        Assert.Equal(0, await relay.TerminateAsync(Limits.Stop));
        Assert.Equal(before, await RoutesAsync());
    }

    [Fact]
    public async Task Routes_OfALivingNode_AreNotTakenByAnother()
    {
        using var folder = new ScratchFolder();
        await using var relay = await RelayProgram.StartAsync(World.Host, folder, _options);
        await using var second = RelayProgram.Run(World.Host, folder, ["-a", "127.0.0.1:8443", .. _options]);
        Assert.Equal(1, await second.WaitForExitAsync(Limits.Start));
        Assert.Contains(
            second.Log.Lines,
            line => line.Contains("--manage-local-routes: another relay-node manages", StringComparison.Ordinal));
        Assert.Contains(Mine, await RoutesAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Routes_WithoutThePermission_AreAnErrorThatNamesTheOption()
    {
        using var folder = new ScratchFolder();
        var drop = InstalledProgram.Require("setpriv", "util-linux");
        var command = RelayProgram.Command(folder, _options);
        await using var relay = World.Host.Start(
            drop, ["--bounding-set", "-net_admin", "--inh-caps", "-net_admin", "--", .. command], name: "relay-node");
        Assert.Equal(2, await relay.WaitForExitAsync(Limits.Start));
        Assert.Contains(
            "relay-node: --manage-local-routes: cannot add 'local 198.51.100.0/24 dev lo': "
            + "Operation not permitted (EPERM); CAP_NET_ADMIN is needed", relay.Log.Lines);
    }

    private Task<string> RoutesAsync() => World.Host.ShellAsync("""
        for table in main local; do
          ip -4 route show table $table
          ip -6 route show table $table | grep -v -e fe80 -e ^multicast
        done
        """);

    private async Task UseAsync()
    {
        await using var target = UdpTarget.BindEcho(World.Router, EgressWorld.TargetIPv4);
        await using var target6 = UdpTarget.BindEcho(World.Router, EgressWorld.TargetIPv6);
        using var client = StartClient();
        var connection = await client.ConnectAsync();
        await (await client.OpenUdpAsync(connection, target.Name)).EchoAsync(1);
        await (await client.OpenUdpAsync(connection, target6.Name)).EchoAsync(2);
        Assert.StartsWith("198.51.100.", target.Sources[0].ToString(), StringComparison.Ordinal);
        Assert.StartsWith("2001:db8:77:", target6.Sources[0].ToString(), StringComparison.Ordinal);
    }
}
