using Relay.Node.Http3;

namespace Relay.Node.Server;

/// <summary>
/// Packets of handshakes that wait for a turn of the loop. Each may cost a signature, as much as hundreds of packets: a few go on in a
/// turn, so that whoever has a connection does not wait behind those who want one.
/// </summary>
internal sealed class HandshakeQueue
{
    /// <summary>Packets that are read in a turn.</summary>
    internal const int PerTurn = 4;

    /// <summary>Bytes that may wait; what comes beyond is lost, and its client sends it again.</summary>
    internal const int MaxBytes = 2 * 1024 * 1024;

    /// <summary>
    /// Bytes beyond which clients must prove their address before theirs wait as well (RFC 9000 §8.1.2): more handshakes come than are
    /// done, some 200 of them, and a Retry costs a hundredth of one.
    /// </summary>
    internal const int CrowdedBytes = 256 * 1024;

    /// <summary>Bytes of one source whose address is proven, so that one cannot keep the others out.</summary>
    internal const int MaxBytesOfSource = MaxBytes / 8;

    private readonly Queue<(ulong Source, HeldPacket Packet)> _packets = new();
    private readonly Dictionary<ulong, int> _bySource = [];
    private int _bytes;
    private int _read;

    /// <summary>Whether none waits.</summary>
    internal bool IsEmpty => _packets.Count == 0;

    /// <summary>Whether clients must prove their address before theirs wait.</summary>
    internal bool IsCrowded => _bytes >= CrowdedBytes;

    /// <summary>Another turn begins.</summary>
    internal void BeginTurn() => _read = 0;

    /// <summary>Takes one of the turn's packets for one that just came.</summary>
    /// <returns>False where others came before, or the turn has had its share: it has to wait.</returns>
    internal bool TryReadAtOnce()
    {
        if (!IsEmpty || _read >= PerTurn)
            return false;
        _read++;
        return true;
    }

    /// <summary>Keeps a packet for a turn to come.</summary>
    /// <param name="source">Where it comes from, by <see cref="Io.SourceKey"/>.</param>
    /// <param name="packet">The packet.</param>
    /// <returns>False where there is no room for it.</returns>
    internal bool TryAdd(ulong source, in HeldPacket packet)
    {
        var length = packet.Payload.Length;
        var own = _bySource.GetValueOrDefault(source);
        if (_bytes + length > MaxBytes || own + length > MaxBytesOfSource)
            return false;
        _packets.Enqueue((source, packet));
        _bySource[source] = own + length;
        _bytes += length;
        return true;
    }

    /// <summary>Gives the next packet, as long as this turn has room for it.</summary>
    internal bool TryTake(out HeldPacket packet)
    {
        packet = default;
        if (_read >= PerTurn || !_packets.TryDequeue(out var next))
            return false;
        _read++;
        packet = next.Packet;
        var length = packet.Payload.Length;
        _bytes -= length;
        if ((_bySource[next.Source] -= length) == 0)
            _bySource.Remove(next.Source);
        return true;
    }
}
