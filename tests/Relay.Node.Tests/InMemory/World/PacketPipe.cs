using Relay.Native.Linux;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>One packet under way.</summary>
internal sealed record Packet(byte[] Payload, SocketEndpoint From, SocketEndpoint To, byte Ecn);

/// <summary>One direction of a virtual network. What it does to packets depends on its seed alone.</summary>
internal sealed class PacketPipe(Simulation simulation, int seed, PathConditions conditions, Action<Packet> deliver)
{
    private readonly Random _random = new(seed);
    private ulong _freeAt;

    /// <summary>May be changed at any time.</summary>
    public PathConditions Conditions { get; set; } = conditions;

    /// <summary>Decides on a packet before anything else does; false makes it vanish.</summary>
    public Func<Packet, bool> Filter { get; set; } = static _ => true;

    public long Sent { get; private set; }

    public long Lost { get; private set; }

    public long TooLarge { get; private set; }

    /// <summary>The largest packet that was sent, whether or not it arrived.</summary>
    public int Largest { get; private set; }

    public void Send(Packet packet)
    {
        Sent++;
        Largest = Math.Max(Largest, packet.Payload.Length);
        if (!Filter(packet))
            return;
        if (packet.Payload.Length > Conditions.MaxPayload)
            TooLarge++;
        else if (_random.NextDouble() < Conditions.Loss || !TryQueue(packet.Payload.Length, out var wait))
            Lost++;
        else
        {
            var delay = wait + Conditions.Delay;
            if (_random.NextDouble() < Conditions.Reordering)
                delay += (ulong)(Conditions.Delay * 2 * _random.NextDouble());
            simulation.After(delay, () => deliver(packet));
            if (_random.NextDouble() < Conditions.Duplication)
                simulation.After(delay + (Conditions.Delay / 2), () => deliver(packet));
        }
    }

    private bool TryQueue(int length, out ulong wait)
    {
        wait = 0;
        if (Conditions.Bandwidth == 0)
            return true;
        var start = Math.Max(_freeAt, simulation.Now);
        if ((start - simulation.Now) / 1e9 * Conditions.Bandwidth > Conditions.QueueBytes)
            return false;
        _freeAt = start + (ulong)(length / Conditions.Bandwidth * 1e9);
        wait = _freeAt - simulation.Now;
        return true;
    }
}
