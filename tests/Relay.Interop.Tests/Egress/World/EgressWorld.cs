using Relay.Testing.Network;

namespace Relay.Interop.Tests.Egress.World;

/// <summary>
/// A client, a host for the relay, and a router that stands for the internet, each in a network namespace of its own:
/// <code>
/// client ── client0 ─ host ─ eth0 ── router
///                        └── eth1 ──┘
/// </code>
/// The addresses are those of docs/operating.md. Targets listen in the router's namespace.
/// </summary>
internal sealed class EgressWorld : IAsyncDisposable
{
    public const string TargetIPv4 = "192.0.2.80";
    public const string TargetIPv6 = "2001:db8:80::80";

    /// <summary>Where clients find the relay.</summary>
    public static readonly IPEndPoint Relay = IPEndPoint.Parse("10.64.0.1:443");

    /// <summary>The same by IPv6, where a test lets the relay listen there.</summary>
    public static readonly IPEndPoint RelayIPv6 = IPEndPoint.Parse("[fd64::1]:443");

    private EgressWorld(NetworkNamespace client, NetworkNamespace host, NetworkNamespace router) =>
        (Client, Host, Router) = (client, host, router);

    public NetworkNamespace Client { get; }

    public NetworkNamespace Host { get; }

    public NetworkNamespace Router { get; }

    /// <summary>Makes the namespaces and links, or skips the test where that is not permitted.</summary>
    public static async Task<EgressWorld> CreateAsync() => await new EgressWorld(
        await NetworkNamespace.CreateAsync(), await NetworkNamespace.CreateAsync(), await NetworkNamespace.CreateAsync())
        .ReadyAfterAsync(static world => world.LinkAsync());

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Host.DisposeAsync();
        await Router.DisposeAsync();
    }

    private async Task LinkAsync()
    {
        // Nobody else can have the addresses: there is nothing for duplicate address detection to wait for, which of those that
        // the interfaces give themselves is said here, and of ours with each.
        const string NoDetection = "echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad\n";
        foreach (var network in (NetworkNamespace[])[Client, Host, Router])
            await network.ShellAsync(NoDetection);
        await Host.ShellAsync($"""
            ip link add client0 type veth peer name eth0 netns {Client.Id}
            ip link add eth0 type veth peer name host0 netns {Router.Id}
            ip link add eth1 type veth peer name host1 netns {Router.Id}
            ip address add 10.64.0.1/24 dev client0
            ip address add fd64::1/64 dev client0 nodad
            ip address add 203.0.113.10/24 dev eth0
            ip address add 2001:db8:1::10/64 dev eth0 nodad
            ip address add 198.18.0.10/24 dev eth1
            ip address add 2001:db8:2::10/64 dev eth1 nodad
            ip link set client0 up
            ip link set eth0 up
            ip link set eth1 up
            """);
        await Client.ShellAsync("""
            ip address add 10.64.0.2/24 dev eth0
            ip address add fd64::2/64 dev eth0 nodad
            ip link set eth0 up
            """);
        await Router.ShellAsync($"""
            ip address add 203.0.113.1/24 dev host0
            ip address add 2001:db8:1::1/64 dev host0 nodad
            ip address add 198.18.0.1/24 dev host1
            ip address add 2001:db8:2::1/64 dev host1 nodad
            ip address add {TargetIPv4}/32 dev lo
            ip address add {TargetIPv6}/128 dev lo nodad
            ip link set host0 up
            ip link set host1 up
            """);
        await Host.ShellAsync("""
            ip route add default via 203.0.113.1
            ip -6 route add default via 2001:db8:1::1
            """);
    }
}
