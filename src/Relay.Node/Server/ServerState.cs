using Relay.Native.Linux;
using Relay.Node.Counters;
using Relay.Node.Http;
using Relay.Node.Http3;
using Relay.Node.Io;
using Relay.Node.Streams;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Server;

/// <summary>
/// What the loops of a node share: touched at the beginning and the end of a connection or tunnel, never for a packet.
/// </summary>
internal sealed class ServerState
{
    /// <summary>Commands that may wait for a loop before packets for it are dropped.</summary>
    private const int MaxBacklog = 4096;

    private readonly ConnectionLimits _limits;
    private volatile ServerIdentity _identity;
    private volatile LoopPort[] _ports = [];

    internal ServerState(uint nodeId, ServerIdentity identity, ConnectionLimits limits)
    {
        NodeId = nodeId;
        _identity = identity;
        _limits = limits;
    }

    /// <summary>The node's number in connection IDs; 16 bits.</summary>
    internal uint NodeId { get; }

    /// <summary>Limits of tunnels, and draining.</summary>
    internal required TunnelLimits Limits { get; init; }

    /// <summary>The certificate of new connections.</summary>
    internal ServerIdentity Identity
    {
        get => _identity;
        set => _identity = value;
    }

    /// <summary>Called on a loop, with its number, when a handshake is complete.</summary>
    internal Action<int> OnEstablished { get; init; } = static _ => { };

    /// <summary>Called on a loop when a connection has ended, before its state is freed.</summary>
    internal Action<ClientConnection> OnConnectionClosed { get; init; } = static _ => { };

    /// <summary>Connections of all loops.</summary>
    internal long Connections => _limits.Count;

    /// <summary>Counts a new connection, unless a limit or a drain is against it.</summary>
    /// <param name="source">Where it comes from, by <see cref="SourceKey"/>.</param>
    /// <param name="proven">Whether that is proven to be its client's address.</param>
    internal ConnectionVerdict AdmitConnection(ulong source, bool proven) =>
        Limits.IsDraining ? ConnectionVerdict.Refused : _limits.TryAdd(source, proven);

    internal void ReleaseConnection(ulong source, bool proven) => _limits.Remove(source, proven);

    /// <summary>A handshake is complete, and so the client's address is its own.</summary>
    internal void ProveAddress(ClientConnection connection)
    {
        if (connection.IsAddressProven)
            return;
        _limits.Prove(connection.Carrier.SourceKey);
        connection.IsAddressProven = true;
    }

    internal void OnConnectionEnded(ClientConnection connection)
    {
        try
        {
            Release(connection);
        }
        finally
        {
            OnConnectionClosed(connection);
        }
    }

    private void Release(ClientConnection connection)
    {
        try
        {
            _limits.Remove(connection.Carrier.SourceKey, connection.IsAddressProven);
        }
        finally
        {
            connection.EndSession();
        }
    }

    internal void OnTunnelEnded(ILoop loop, Tunnel tunnel)
    {
        // First what cannot fail.
        tunnel.Counters.Active--;
        tunnel.Counters.Outcomes[(int)tunnel.Outcome]++;
        if (Limits.IsDraining)
        {
            if (tunnel.Outcome == TunnelOutcome.ForceClosed)
                loop.Counters.DrainedForced++;
            else
                loop.Counters.DrainedFinished++;
        }
        Limits.Release(tunnel, loop.Now);
        loop.Histograms.OnTunnelEnded(tunnel is UdpTunnel, loop.Now - tunnel.StartedAt);
    }

    /// <summary>Tells where packets for each loop can be posted; once all are bound.</summary>
    internal void SetPorts(LoopPort[] ports) => _ports = ports;

    /// <summary>
    /// Passes a packet to the loop that its connection ID names. Needed only where the kernel refused to steer: then a
    /// client that changes its address reaches another loop's socket.
    /// </summary>
    internal bool TryHandOver(
        Listener listener, EventLoop from, ReadOnlySpan<byte> id, in SocketEndpoint local, in SocketEndpoint remote,
        byte ecn, ReadOnlySpan<byte> packet)
    {
        var ports = _ports;
        if (!ConnectionIdLayout.TryRead(id, out var loop, out var node) || node != NodeId || loop == from.Index
            || loop >= ports.Length)
            return false;
        var (to, listeners) = ports[loop];
        if (!listeners.TryGetValue(listener.LocalEndPoint, out var other))
            return false;
        if (to.Backlog >= MaxBacklog)
        {
            // That loop cannot keep up: what the kernel would drop must not pile up here.
            from.Counters.Discarded[(int)PacketDiscard.Backlog]++;
            return true;
        }
        from.Counters.PacketsHandedOver++;
        HandOver(to, other, new HeldPacket(local, remote, ecn, packet.ToArray()));
        return true;
    }

    // Apart: what a lambda captures is allocated where its method begins, and every stranger's packet is asked about.
    private static void HandOver(EventLoop to, Listener listener, HeldPacket packet) =>
        to.Post(() => listener.Dispatch(packet.Local, packet.Remote, packet.Ecn, packet.Payload));
}

/// <summary>A loop and its listeners, as other loops see them.</summary>
/// <param name="Loop">The loop.</param>
/// <param name="Listeners">Its listeners by address.</param>
internal readonly record struct LoopPort(
    EventLoop Loop, IReadOnlyDictionary<System.Net.IPEndPoint, Listener> Listeners);
