using Relay.Native.Linux;
using Relay.Native.Quic;
using Relay.Node.Http;
using Relay.Node.Io;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Http3;

/// <content>
/// What a client has the relay do for nothing, and what it may have it do at once: RFC 9114 §10.5.
/// </content>
internal sealed partial class RelayConnection
{
    /// <summary>Bytes of a packet up to which it brings little.</summary>
    private const int ShortPacket = 256;

    /// <summary>The same of one that has no room for anything but acknowledgements, PING or CONNECTION_CLOSE.</summary>
    private const int ShortestPacket = 64;

    /// <summary>Bytes that the libraries are made to keep which cost as much as a request.</summary>
    private const int BytesLikeRequest = 16 * 1024;

    /// <summary>
    /// Nanoseconds for which a client that has changed its address is read, full or not, so that it can be validated: three probe timeouts
    /// (RFC 9000 §8.2.4) of who has 300 ms to it.
    /// </summary>
    private const ulong ForNewPath = 3_000_000_000;

    /// <summary>Nanoseconds from such a change to the next that counts.</summary>
    private const ulong BetweenPaths = 10_000_000_000;

    /// <summary>Nanoseconds between packets that are read of a connection that is full, so that one that ends a stream is heard.</summary>
    private const ulong BetweenProbes = 1_000_000_000;

    /// <summary>Nanoseconds in which a target takes nothing of an upload, after which that is no longer worth its client's datagrams.</summary>
    private const ulong Stall = 30_000_000_000;

    private SocketEndpoint _home;
    private bool _isFull;
    private ulong _stallsAt;
    private ulong _movedAt;
    private ulong _probedAt;
    private FrameBudget _resets;
    private Queue<HeldPacket>? _held;
    private int _heldBytes;
    private int _begun;
    private int _streams;
    private long _library;
    private long _weighed;
    private int _credit;

    /// <summary>Whether its packets wait for another turn.</summary>
    internal bool HasItsFill => _begun >= Requests.OfConnection || _held is not null || Requests.IsFullFor(Client);

    /// <summary>Goes on with packets that wait; kept by its host.</summary>
    internal Action? GoOn { get; set; }

    /// <summary>Whether packets wait.</summary>
    internal bool IsHolding => _held is not null;

    /// <summary>A request arrived.</summary>
    internal void OnRequest() => CountWork(1);

    private void CountWork(int requests)
    {
        _begun += requests;
        Requests.OnRequests(Client, requests);
    }

    private RequestTurns Requests => Http3.Context.Requests;

    /// <summary>Keeps a packet for a turn to come.</summary>
    /// <returns>False where there is no room for it.</returns>
    internal bool TryHold(
        in SocketEndpoint local, in SocketEndpoint remote, byte ecn, ReadOnlySpan<byte> packet, out bool isFirst)
    {
        isFirst = _held is null;
        var cost = packet.Length + HeldPacket.Overhead;
        if (!Http3.Held.HasRoom(Client.Source, _heldBytes, cost))
            return false;
        // What may fail for want of memory comes first: who seems to hold packets and holds none is never read again.
        var held = new HeldPacket(local, remote, ecn, packet.ToArray());
        var waiting = _held ?? new Queue<HeldPacket>(capacity: 4);
        waiting.EnsureCapacity(waiting.Count + 1);
        CountHeld(cost);
        waiting.Enqueue(held);
        _held = waiting;
        return true;
    }

    /// <summary>Gives the next packet that was kept, as long as this turn has room for it.</summary>
    internal bool TryTakeHeld(out HeldPacket packet)
    {
        packet = default;
        if (_begun >= Requests.OfConnection || _held is null)
            return false;
        packet = _held.Dequeue();
        CountHeld(-packet.Cost);
        if (_held.Count == 0)
            _held = null;
        return true;
    }

    /// <summary>What waits will never be read.</summary>
    internal void DropHeld()
    {
        CountHeld(-_heldBytes);
        _held = null;
    }

    private void CountHeld(int length)
    {
        if (length == 0)
            return;
        Http3.Held.Change(Client.Source, length);
        _heldBytes += length;
    }

    /// <summary>Another turn begins, for packets that were kept.</summary>
    internal void BeginTurn() => _begun = 0;

    /// <summary>
    /// Looks at what a packet, or a turn, has made of the memory that is held of what the client has sent. Who makes the libraries hold
    /// more than any client does by what it may is ended (RFC 9114 §10.5).
    /// </summary>
    /// <param name="received">Bytes that it has sent for it: they may be out of order, and nobody's fault.</param>
    internal void Weigh(int received)
    {
        // The libraries take memory in pieces for many packets.
        _credit = Math.Min(_credit + (2 * received), BytesLikeRequest);
        // For most packets nothing has changed.
        var held = InputBytes + Unconsumed + _heldBytes + Client.HeldByTunnels;
        if (held == _weighed && StreamCount <= _streams)
            return;
        _weighed = held;
        _streams = Math.Max(_streams, StreamCount);
        var library = InputBytes - (_streams * ClientMemory.OfStream);
        _library = Math.Min(library, _library + _credit);
        _credit = 0;
        var more = library - _library;
        // What makes them keep so much more than was sent costs as much as a request, such as a packet of bytes with holes between them.
        if (more >= BytesLikeRequest)
            CountWork((int)(more / BytesLikeRequest));
        _library += more - (more % BytesLikeRequest);
        Client.CountMemory(Math.Max(0, library) + Unconsumed + _heldBytes);
        if (library > Http3.Parameters.MaxInput || Http3.Context.Memory.MustEnd(Client.Source, library))
            EndForMemory();
    }

    /// <summary>
    /// Whether a packet is to be lost, since what is held of what its client has sent is too much: as by any congestion the client sends
    /// less, and again. What is out of order does not count, which only more packets can take away, and is bounded by itself. Short
    /// packets pass, which acknowledge and ask for something; those that only tell of life or the end always.
    /// </summary>
    internal bool IsFullFor(in SocketEndpoint remote, int length)
    {
        if (length <= ShortestPacket)
            return false;
        var wasFull = _isFull;
        _isFull = Client.IsFullWith(Unconsumed);
        if (!_isFull || (length <= ShortPacket && !Http3.Context.Memory.IsUsedUpBy(Client.Source)))
            return false;
        if (!wasFull)
            (_home, _stallsAt) = (ReadFrom, Loop.Now + Stall);
        else if (Loop.Now >= _stallsAt)
            EndStalled();
        return !IsOfNewPath(remote) && !IsProbe();
    }

    // RFC 9000 §8.2.1: PATH_CHALLENGE is in a datagram of "at least the smallest allowed maximum datagram size of 1200 bytes", and so is
    // its answer; who is lost then, as behind a NAT that rebinds, is lost altogether.
    private bool IsOfNewPath(in SocketEndpoint remote)
    {
        var now = Loop.Now;
        if (remote != _home && (_movedAt == 0 || now - _movedAt >= BetweenPaths))
            (_home, _movedAt) = (remote, now);
        return _movedAt != 0 && now - _movedAt < ForNewPath && !Http3.Context.Memory.IsTwiceUsedUp;
    }

    // RFC 9002 §6.2.4: what a probe has is up to its sender, and as a rule all that there is room for.
    private bool IsProbe()
    {
        var now = Loop.Now;
        if (Http3.Context.Memory.IsUsedUp || now - _probedAt < BetweenProbes)
            return false;
        _probedAt = now;
        return true;
    }

    // Nobody can tell packets of datagrams from those of streams: the client's UDP would be lost for as long as one target takes nothing.
    private void EndStalled()
    {
        _stallsAt = Loop.Now + BetweenProbes;
        Tunnel[] tunnels = [.. Streams.Select(static stream => (stream as RequestStream)?.Request.Tunnel).OfType<Tunnel>()];
        if (!Array.Exists(tunnels, static tunnel => tunnel is UdpTunnel { State: TunnelState.Open }))
            return;
        foreach (var tunnel in tunnels)
            (tunnel as TcpTunnel)?.EndIfStalled(Stall);
    }

    private void EndForMemory()
    {
        if (!Client.IsEstablished || State != QuicState.Open)
            return;
        Loop.Counters.Http3Memory++;
        Close(Http3ErrorCode.ExcessiveLoad);
        MarkDirty();
    }

    /// <summary>A stream is over which came to nothing.</summary>
    /// <param name="resets">How much that counts for; 0 where it did not.</param>
    internal void Charge(int resets)
    {
        if (!Client.IsEstablished || End != ClientEnd.Stream || _resets.TryTake(resets, Loop.Now))
            return;
        if (TryFailConnection(Http3ErrorCode.ExcessiveLoad))
            Loop.Counters.Http3Resets++;
    }
}

/// <summary>A packet that waits.</summary>
/// <param name="Local">The address that it came to.</param>
/// <param name="Remote">The address that it came from.</param>
/// <param name="Ecn">The two ECN bits of its IP header.</param>
/// <param name="Payload">The UDP payload.</param>
internal readonly record struct HeldPacket(SocketEndpoint Local, SocketEndpoint Remote, byte Ecn, byte[] Payload)
{
    /// <summary>Bytes that a packet takes beside its own: of a small one, most.</summary>
    internal const int Overhead = 128;

    /// <summary>Bytes that it takes.</summary>
    internal int Cost => Payload.Length + Overhead;
}
