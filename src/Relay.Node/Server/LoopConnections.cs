using Relay.Node.Counters;
using Relay.Node.Http;
using Relay.Node.Io;

namespace Relay.Node.Server;

/// <summary>The connections of one loop, whatever carries them: what is counted from their first byte to their end.</summary>
/// <param name="loop">Clock and counters.</param>
/// <param name="index">The loop's number.</param>
/// <param name="node">What the node's loops share.</param>
internal sealed class LoopConnections(ILoop loop, int index, ServerState node)
{
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
        }
    }
}
