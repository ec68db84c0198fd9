namespace Relay.Node.Tests.InMemory.World;

/// <summary>A path that is bad in ways which a seed chooses, and which change while it is used.</summary>
internal sealed class RandomPath(int seed)
{
    private readonly Random _random = new(seed);
    private int _ports = 42_000;

    /// <summary>
    /// Loss to 20 %, delay to 300 ms one way or both, reordering, duplicates, a bottleneck with its queue, an MTU from the least that
    /// QUIC needs.
    /// </summary>
    public PathConditions Next() => new()
    {
        Loss = Sometimes() * 0.2,
        Delay = Time.Milliseconds(_random.Next(0, 300)),
        Reordering = Sometimes() * 0.3,
        Duplication = Sometimes() * 0.1,
        Bandwidth = _random.Next(2) == 0 ? 0 : _random.Next(50_000, 2_000_000),
        QueueBytes = _random.Next(20_000, 200_000),
        MaxPayload = _random.Next(2) == 0 ? 1472 : _random.Next(1200, 1472),
    };

    /// <summary>Changes something of a client's way: its conditions, or the address that a NAT gives it.</summary>
    public void Change(Network network, Link link)
    {
        if (_random.Next(3) == 0)
            network.Rebind(link, ++_ports);
        else
            link.Conditions = Next();
    }

    private double Sometimes() => _random.Next(2) * _random.NextDouble();
}
