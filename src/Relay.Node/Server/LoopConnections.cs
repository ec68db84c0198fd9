using Relay.Node.Counters;
using Relay.Node.Http;
using Relay.Node.Io;

namespace Relay.Node.Server;

/// <summary>The connections of one loop, whatever carries them: what is counted from their first byte to their end.</summary>
/// <param name="loop">Clock and counters.</param>
/// <param name="index">The loop's number.</param>
/// <param name="node">What the node's loops share.</param>
/// <param name="ends">What their ends have of a turn; null for one of its own.</param>
internal sealed class LoopConnections(ILoop loop, int index, ServerState node, TurnShare? ends = null)
{
    /// <summary>Streams that are closed at once: their sockets are, and what was kept for them is freed.</summary>
    private const int ClosedAtOnce = 8;

    private readonly TurnShare _ends = ends ?? new TurnShare(loop);

    /// <summary>Connections that are not closed.</summary>
    internal ConnectionList Open { get; } = new();

    /// <summary>One more was accepted; its handshake is to come.</summary>
    internal void OnAccepted()
    {
        loop.Counters.ConnectionsAccepted++;
        loop.Counters.ConnectionsActive++;
        loop.Counters.HandshakesPending++;
    }

    /// <summary>A handshake is complete.</summary>
    internal void OnEstablished(ClientConnection connection)
    {
        // First what may fail for want of memory: nothing is counted then.
        node.ProveAddress(connection);
        loop.Counters.HandshakesPending--;
        loop.Counters.Established[(int)connection.Carrier.Protocol]++;
        loop.Histograms.OnHandshake(loop.Now - connection.AcceptedAt);
        node.OnEstablished(index);
    }

    /// <summary>The loop ends: so does what is over, at once, as nobody has a turn after it.</summary>
    internal bool EndsAtOnce { get; set; }

    /// <summary>The connections of a port have their turn of writing, those among them that end.</summary>
    internal void BeginTurn() => _ends.BeginTurn();

    /// <summary>
    /// A connection has ended. What it had open ends in a share of each turn, however much that is: thousands of tunnels, or many
    /// connections at once, hold up nobody else's.
    /// </summary>
    /// <returns>
    /// Whether it is to be taken from the open ones, and <see cref="OnEnded"/> follows; else it is to come again in the next turn.
    /// </returns>
    internal bool TryEnd(ClientConnection connection)
    {
        // What has waited for a turn to begin something does no longer.
        CloseStreams(connection.Carrier, 0);
        while (EndsAtOnce || _ends.TryBegin())
        {
            if (connection.Carrier.StreamCount <= ClosedAtOnce)
                return true;
            CloseStreams(connection.Carrier, ClosedAtOnce);
            _ends.End();
        }
        return false;
    }

    private void CloseStreams(IConnectionCarrier carrier, int most)
    {
        try
        {
            carrier.CloseStreams(most);
        }
        catch (Exception e)
        {
            // It is over: there is nothing to end for it.
            loop.OnFailure(e);
        }
    }

    /// <summary>A connection that is no longer among the open ones has ended; its carrier is disposed.</summary>
    internal void OnEnded(ClientConnection connection)
    {
        loop.Counters.ConnectionsActive--;
        if (!connection.IsEstablished)
        {
            loop.Counters.HandshakesPending--;
            loop.Counters.HandshakesFailed++;
            if (connection.Carrier.RefusedCertificate)
                loop.Counters.AuthFailures[(int)AuthenticationKind.Certificate]++;
        }
        try
        {
            connection.Carrier.Sample();
        }
        finally
        {
            End(connection);
        }
    }

    private void End(ClientConnection connection)
    {
        try
        {
            node.OnConnectionEnded(connection);
        }
        finally
        {
            connection.Carrier.Dispose();
            _ends.End();
        }
    }
}
