using Microsoft.Extensions.Logging.Abstractions;
using Relay.Admin;
using Relay.Admin.Hosting;
using Relay.Hosting.Fleet;
using Relay.Testing.Nodes;

namespace Relay.Testing.Fleets;

/// <summary>
/// The admin API over a fleet of simulated nodes, in which nothing happens but what the test lets happen.
/// </summary>
public sealed class FleetWorld : IAsyncDisposable
{
    private readonly IDrivenFleet _fleet;
    private readonly List<SimulatedNode> _nodes = [];
    private AdminHost? _host;

    private FleetWorld(IDrivenFleet fleet, ShiftedClock clock) => (_fleet, Clock) = (fleet, clock);

    public IFleet Fleet => _fleet.Fleet;

    public ShiftedClock Clock { get; }

    public Uri Address => new($"http://{_host!.Address}");

    public IReadOnlyList<SimulatedNode> Nodes => _nodes;

    /// <summary>A world without nodes.</summary>
    /// <param name="fleet">What coordinates it.</param>
    /// <param name="tokenFile">The tokens; null for none.</param>
    /// <param name="ago">When the fleet began: the clock is stopped there, for the caller to move on.</param>
    public static async Task<FleetWorld> StartAsync(FleetStart fleet, string? tokenFile = null, TimeSpan? ago = null)
    {
        var clock = new ShiftedClock();
        // A fleet that has just begun grants no block for a while: there may be holders that it does not know yet.
        clock.Stop(ago ?? TimeSpan.FromMinutes(10));
        // Nothing waits for load balancers here.
        var timings = new FleetTimings { LameTime = TimeSpan.Zero };
        var world = new FleetWorld(await fleet("relayfleet-eu", timings, clock), clock);
        if (ago is null)
            clock.GoOn();
        await world.ServeAsync(new IPEndPoint(IPAddress.Loopback, 0), tokenFile);
        return world;
    }

    /// <summary>A node of the fleet; it is known after its first report.</summary>
    public SimulatedNode Add(SimulatedNode node)
    {
        _nodes.Add(node);
        node.Rtt = new Distribution([.. Enumerable.Repeat(0L, 34), 3, 9, 4, 1]);
        return node;
    }

    /// <summary>A node that carries something.</summary>
    public SimulatedNode Add(string name, long tcp = 0, long udp = 0) =>
        Add(new SimulatedNode(name, Fleet) { Version = "0.9.2+4f1c2d7", TcpTunnels = tcp, UdpTunnels = udp });

    /// <summary>Every node reports, and time does its part.</summary>
    public async Task StepAsync(int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            foreach (var node in _nodes)
                await node.ReportAsync();
            await TickAsync();
        }
    }

    /// <summary>Time does its part.</summary>
    public Task TickAsync() => _fleet.TickAsync();

    /// <summary>The coordinator's program is gone and comes back at the same address; the fleet is the same.</summary>
    public async Task RestartHostAsync(Func<Task> between)
    {
        var address = _host!.Address;
        await _host.DisposeAsync();
        await between();
        await ServeAsync(address, tokenFile: null);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
        await _fleet.DisposeAsync();
    }

    private async Task ServeAsync(IPEndPoint address, string? tokenFile) => _host = await AdminHost.StartAsync(
        new AdminConfig
        {
            Address = address,
            TokenFile = tokenFile,
            ShutdownTimeout = TimeSpan.FromSeconds(1),
            Enrol = new() { Address = new IPEndPoint(IPAddress.Loopback, 0) },
            Profiles = new() { Relay = RelayAddress.TryParse("relay.example.com:4433", out var relay, out _) ? relay : null },
        },
        Fleet, NullLoggerFactory.Instance, CancellationToken.None);
}
