using Relay.Node.Http3;
using Relay.Node.Io;

namespace Relay.Node.Server;

/// <summary>
/// Packets of QUIC handshakes that wait for a turn of the loop. Each may cost a signature, as much as hundreds of packets: they have a
/// share of each turn, so that whoever has a connection does not wait behind those who want one. Nothing is held against a source whose
/// address is not proven: a forger would use it up.
/// </summary>
/// <param name="loop">The loop.</param>
internal sealed class HandshakeQueue(ILoop loop)
{
    /// <summary>Bytes that may wait; what comes beyond is lost, and its client sends it again.</summary>
    internal const int MaxBytes = 2 * 1024 * 1024;

    /// <summary>Of these, bytes for all whose address is not proven; the rest is for the others.</summary>
    internal const int MaxUnproven = MaxBytes / 2;

    /// <summary>
    /// Bytes of them beyond which who comes anew must prove its address (RFC 9000 §8.1.2): more handshakes come than are done, some 200
    /// of them, and a Retry costs a hundredth of one.
    /// </summary>
    internal const int CrowdedBytes = MaxBytes / 8;

    /// <summary>Bytes of one source whose address is proven, so that one cannot keep the others out.</summary>
    internal const int MaxOfSource = MaxBytes / 8;

    /// <summary>Bytes of one connection: more than a client sends before it is answered.</summary>
    internal const int MaxOfConnection = 32 * 1024;

    private readonly TurnShare _share = new(loop);
    private readonly Queue<WaitingHandshake> _packets = new();
    private readonly Dictionary<ulong, int> _bySource = [];
    private Action? _goOn;
    private bool _isPosted;
    private int _proven;
    private int _unproven;

    /// <summary>Whether clients must prove their address before their packets wait.</summary>
    internal bool IsCrowded => _unproven >= CrowdedBytes;

    /// <summary>
    /// Begins to read one that just came.
    /// </summary>
    /// <returns>False where others came before, or the turn has had its share: it has to wait.</returns>
    internal bool TryBegin() => _packets.Count == 0 && _share.TryBegin();

    /// <summary>It is read.</summary>
    internal void End() => _share.End();

    /// <summary>Keeps a packet for a turn to come.</summary>
    /// <returns>False where there is no room for it.</returns>
    internal bool TryAdd(in WaitingHandshake packet)
    {
        var length = packet.Length;
        if (packet.Connection?.WaitingBytes + length > MaxOfConnection)
            return false;
        if (packet.ProvenSource is { } source)
        {
            var own = _bySource.GetValueOrDefault(source) + length;
            if (own > MaxOfSource || _proven + length > MaxBytes - MaxUnproven)
                return false;
            // What may fail for want of memory comes first: what is not in the queue is never taken off the counts.
            _bySource[source] = own;
            try
            {
                _packets.Enqueue(packet);
            }
            catch (OutOfMemoryException)
            {
                Forget(source, length);
                throw;
            }
            _proven += length;
        }
        else
        {
            if (_unproven + length > MaxUnproven)
                return false;
            _packets.Enqueue(packet);
            _unproven += length;
        }
        packet.Connection?.WaitingBytes += length;
        Post();
        return true;
    }

    private void Post()
    {
        if (_isPosted)
            return;
        loop.Post(null, _goOn ??= GoOn);
        _isPosted = true;
    }

    /// <summary>At a turn's end, when all that others have to say is on its way.</summary>
    private void GoOn()
    {
        _isPosted = false;
        _share.BeginTurn();
        try
        {
            while (_packets.Count > 0 && _share.TryBegin())
            {
                Take().Read();
                _share.End();
            }
        }
        finally
        {
            // Also where there was no memory for one of them: nobody else would go on.
            if (_packets.Count > 0)
                Post();
        }
    }

    private WaitingHandshake Take()
    {
        var packet = _packets.Dequeue();
        packet.Connection?.WaitingBytes -= packet.Length;
        if (packet.ProvenSource is { } source)
        {
            _proven -= packet.Length;
            Forget(source, packet.Length);
        }
        else
            _unproven -= packet.Length;
        return packet;
    }

    private void Forget(ulong source, int length)
    {
        if ((_bySource[source] -= length) == 0)
            _bySource.Remove(source);
    }
}

/// <summary>A packet of a handshake that waits.</summary>
/// <param name="Host">Reads it.</param>
/// <param name="Connection">Whose it is; null where it begins one.</param>
/// <param name="ProvenSource">Where it comes from, by <see cref="SourceKey"/>; null where that may be forged.</param>
/// <param name="Packet">The packet.</param>
internal readonly record struct WaitingHandshake(
    ConnectionHost Host, RelayConnection? Connection, ulong? ProvenSource, HeldPacket Packet)
{
    /// <summary>Bytes that it takes.</summary>
    internal int Length => Packet.Cost;

    /// <summary>It has its turn.</summary>
    internal void Read() => Host.DispatchHandshake(Packet);
}
