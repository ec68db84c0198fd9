using Relay.Testing.Network;

namespace Relay.Interop.Tests.Fleet.World;

/// <summary>
/// Two networks, of which one has the cluster and Redis and the other one coordinator, and the link between them, that can
/// lose every packet: nobody is told, as by a switch that has failed. The machine's own network does not change by it: a
/// browser of a test beside this one would give up what it loads.
/// </summary>
internal sealed class ClusterLink : IAsyncDisposable
{
    private const string Nobody = "02:00:00:00:00:99";

    private ClusterLink(NetworkNamespace home) => Home = home;

    /// <summary>The network of the others, and of Redis.</summary>
    public NetworkNamespace Home { get; }

    /// <summary>The network of the one.</summary>
    public NetworkNamespace Away { get; private set; } = null!;

    /// <summary>The address of the others, and of Redis.</summary>
    public string Near => "10.192.0.1";

    /// <summary>The address of the one.</summary>
    public string Far => "10.192.0.2";

    /// <summary>Makes it, or skips the test where that is not permitted.</summary>
    public static async Task<ClusterLink> CreateAsync() =>
        await new ClusterLink(await NetworkNamespace.CreateAsync()).ReadyAfterAsync(static async link =>
        {
            link.Away = await NetworkNamespace.CreateAsync();
            await link.Home.ShellAsync(
                $"ip link add cluster type veth peer name cluster netns {link.Away.Id} && "
                + $"ip addr add {link.Near}/30 dev cluster && ip link set cluster up");
            await link.Away.ShellAsync($"ip addr add {link.Far}/30 dev cluster && ip link set cluster up");
        });

    /// <summary>From now on packets go to an address that nobody has.</summary>
    public async Task CutAsync()
    {
        await Home.ShellAsync($"ip neigh replace {Far} lladdr {Nobody} dev cluster nud permanent");
        await Away.ShellAsync($"ip neigh replace {Near} lladdr {Nobody} dev cluster nud permanent");
    }

    /// <summary>From now on they arrive again.</summary>
    public async Task MendAsync()
    {
        await Home.ShellAsync($"ip neigh del {Far} dev cluster");
        await Away.ShellAsync($"ip neigh del {Near} dev cluster");
    }

    // Both ends of the link are gone with their networks.
    public async ValueTask DisposeAsync()
    {
        if (Away is not null)
            await Away.DisposeAsync();
        await Home.DisposeAsync();
    }
}
