using Relay.Native.Linux;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>Collects the packets that a connection writes. Once it has grown it allocates nothing.</summary>
internal sealed class PacketArena : IPacketSink
{
    private readonly List<(int Start, int Length, SocketEndpoint Remote, SocketEndpoint Local, byte Ecn)> _packets =
        new(1024);

    // ngtcp2 goes on with a packet over several calls, in memory that must not move between them.
    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(4 * 1024 * 1024, pinned: true);
    private int _used;

    /// <summary>Room left in packets; a test can make it small.</summary>
    public int Capacity { get; set; } = int.MaxValue;

    public int Count => _packets.Count;

    /// <summary>What the next call for room throws.</summary>
    public Exception? Fault { get; set; }

    public Span<byte> Reserve(int size)
    {
        if (Fault is { } fault)
        {
            Fault = null;
            throw fault;
        }
        if (_packets.Count >= Capacity)
            return default;
        if (_bytes.Length - _used < size)
            Grow();
        return _bytes.AsSpan(_used, size);
    }

    public void Commit(int length, in SocketEndpoint remote, in SocketEndpoint local, byte ecn)
    {
        _packets.Add((_used, length, remote, local, ecn));
        _used += length;
    }

    public void CloseRun()
    {
    }

    private void Grow()
    {
        var larger = GC.AllocateArray<byte>(_bytes.Length * 2, pinned: true);
        _bytes.AsSpan(0, _used).CopyTo(larger);
        _bytes = larger;
    }

    /// <summary>Hands over what was collected, and forgets it.</summary>
    /// <returns>Whether there was anything.</returns>
    public bool Drain(Action<Packet> send)
    {
        if (_packets.Count == 0)
            return false;
        foreach (var (start, length, remote, local, ecn) in _packets)
            send(new Packet(_bytes.AsSpan(start, length).ToArray(), local, remote, ecn));
        _packets.Clear();
        _used = 0;
        return true;
    }
}
