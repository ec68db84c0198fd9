using Relay.Native.Linux;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>A client that writes its own packets, in memory.</summary>
internal sealed class PacketPeer : IActor, IDisposable
{
    private readonly Simulation _simulation;
    private readonly Queue<Packet> _inbox = new();
    private bool _disposed;

    public PacketPeer(Simulation simulation, SocketEndpoint local, Action<Packet> send)
    {
        _simulation = simulation;
        Client = new PacketClient(
            TestIdentity.Client, TestIdentity.ServerName, local, InMemoryNode.Address,
            bytes => send(new Packet(bytes, local, InMemoryNode.Address, 0)), simulation.Now);
        simulation.Add(this);
    }

    public PacketClient Client { get; }

    public ulong Next => _disposed ? ulong.MaxValue : Client.Expiry;

    public void Receive(Packet packet) => _inbox.Enqueue(packet);

    public bool Turn()
    {
        if (_disposed || (_inbox.Count == 0 && Client.IsReady))
            return false;
        var busy = _inbox.Count > 0 || Client.Expiry <= _simulation.Now;
        while (_inbox.TryDequeue(out var packet))
            Client.Receive(packet.Payload, _simulation.Now);
        Client.Turn(_simulation.Now);
        return busy;
    }

    public void Dispose()
    {
        _disposed = true;
        Client.Dispose();
    }
}
