using Relay.Testing.Network;

namespace Relay.Interop.Tests.Fleet.World;

/// <summary>
/// A network for one coordinator, with a link to where the others and Redis are, that can lose every packet: nobody is told,
/// as by a switch that has failed.
/// </summary>
internal sealed class ClusterLink : IAsyncDisposable
{
    private const string Nobody = "02:00:00:00:00:99";

    private static int _links;

    private readonly NetworkNamespace _network;
    private readonly string _name;

    private ClusterLink(NetworkNamespace network, int number)
    {
        _network = network;
        _name = $"rf{Environment.ProcessId % 100_000}n{number}";
        (Near, Far) = (Address(number, 1), Address(number, 2));
    }

    /// <summary>The network of the one.</summary>
    public NetworkNamespace Network => _network;

    /// <summary>The address of the others, and of Redis.</summary>
    public string Near { get; }

    /// <summary>The address of the one.</summary>
    public string Far { get; }

    /// <summary>Makes it, or skips the test where that is not permitted.</summary>
    public static async Task<ClusterLink> CreateAsync()
    {
        Assert.SkipUnless(Environment.UserName == "root", "A link between networks is made by root only.");
        var link = new ClusterLink(await NetworkNamespace.CreateAsync(), Interlocked.Increment(ref _links));
        return await link.ReadyAfterAsync(static async link =>
        {
            await ShellAsync(
                $"ip link add {link._name} type veth peer name cluster netns {link._network.Id} && "
                + $"ip addr add {link.Near}/30 dev {link._name} && ip link set {link._name} up");
            await link._network.ShellAsync($"ip addr add {link.Far}/30 dev cluster && ip link set cluster up");
        });
    }

    /// <summary>From now on packets go to an address that nobody has.</summary>
    public async Task CutAsync()
    {
        await ShellAsync($"ip neigh replace {Far} lladdr {Nobody} dev {_name} nud permanent");
        await _network.ShellAsync($"ip neigh replace {Near} lladdr {Nobody} dev cluster nud permanent");
    }

    /// <summary>From now on they arrive again.</summary>
    public async Task MendAsync()
    {
        await ShellAsync($"ip neigh del {Far} dev {_name}");
        await _network.ShellAsync($"ip neigh del {Near} dev cluster");
    }

    // Both ends of the link are gone with the network.
    public ValueTask DisposeAsync() => _network.DisposeAsync();

    // Four addresses for each link, of a network for each process.
    private static string Address(int number, int host)
    {
        var process = Environment.ProcessId;
        return $"10.{192 + (process % 32)}.{process / 32 % 256}.{(number % 64 * 4) + host}";
    }

    private static async Task ShellAsync(string commands)
    {
        await using var shell = ChildProcess.Start("/bin/sh", ["-e", "-c", commands], name: "sh");
        var status = await shell.WaitForExitAsync(Eventually.Limit);
        Assert.True(status == 0, $"'{commands}' ended with {status}. {shell.Log.Describe()}");
    }
}
