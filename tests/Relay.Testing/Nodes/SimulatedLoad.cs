using Relay.Node.Egress;
using Relay.Node.Fleet;
using Relay.Node.Sessions;

namespace Relay.Testing.Nodes;

/// <summary>The data plane of a simulated node: numbers that a test sets.</summary>
internal sealed class SimulatedLoad : INodeReadings, IDrainTarget, ILeasedEgress
{
    private const int Workers = 4;

    public long TcpTunnels { get; set; }

    public long UdpTunnels { get; set; }

    public long Tunnels => TcpTunnels + UdpTunnels;

    public long ForceClosedTunnels { get; set; }

    public double Busy { get; set; } = 0.3;

    public NodeTotals Totals { get; set; } = new();

    public Distribution Rtt { get; set; } = Distribution.Empty;

    public IReadOnlyList<string> Warnings { get; set; } = [];

    public bool IsOpenRelay { get; set; }

    public IReadOnlyList<IPEndPoint> Addresses => [];

    public IdentityTable Identities { get; } = new();

    public void Finish(long count)
    {
        count = Math.Min(count, Tunnels);
        var udp = Math.Min(count, UdpTunnels);
        (UdpTunnels, TcpTunnels) = (UdpTunnels - udp, TcpTunnels - (count - udp));
    }

    public NodeReading Read() => new(ReadLoad(), Totals, Rtt, Distribution.Empty);

    public IReadOnlyList<string> ReadWarnings(DateTimeOffset now) => Warnings;

    public void StopAccepting(TimeSpan time)
    {
    }

    public void Accept()
    {
    }

    public void ForceCloseTunnels()
    {
        ForceClosedTunnels += Tunnels;
        (TcpTunnels, UdpTunnels) = (0, 0);
    }

    public string? Prepare(Prefix prefix) => null;

    public void Offer(EgressLease lease)
    {
    }

    public void Withdraw(EgressLease lease)
    {
    }

    public Task EndAsync(EgressLease lease) => Task.CompletedTask;

    public void Forget(Prefix prefix)
    {
    }

    private NodeLoad ReadLoad() => new()
    {
        TcpTunnels = TcpTunnels,
        UdpTunnels = UdpTunnels,
        Loops = [.. Enumerable.Range(0, Workers).Select(i => new LoopLoad
        {
            Loop = i,
            Busy = Math.Clamp(Busy * (0.7 + (0.2 * i)), 0, 1),
            Tunnels = Tunnels / Workers,
        })],
    };
}
