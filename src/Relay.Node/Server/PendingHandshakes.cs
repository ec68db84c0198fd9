using Relay.Node.Io;
using Relay.Node.Streams;

namespace Relay.Node.Server;

/// <summary>
/// The TLS handshakes that are under way on a loop, in order of their beginning: each has ten seconds, and beyond a
/// number of them the oldest makes room for the newest, so that who begins many and completes none keeps nobody out.
/// </summary>
/// <param name="loop">Clock, timers, counters.</param>
/// <param name="most">How many there may be.</param>
internal sealed class PendingHandshakes(ILoop loop, int most) : LoopTimer
{
    private readonly LinkedList<StreamConnection> _pending = [];

    /// <summary>One more begins.</summary>
    internal void Add(StreamConnection connection)
    {
        if (_pending.Count >= most)
        {
            loop.Counters.HandshakesEvicted++;
            End(_pending.First!.Value);
        }
        connection.Pending = _pending.AddLast(connection);
        if (!IsWaiting)
            Set();
    }

    /// <summary>One is complete, or over.</summary>
    internal void Remove(StreamConnection connection)
    {
        if (connection.Pending is { } node)
            _pending.Remove(node);
        connection.Pending = null;
    }

    internal override void Fire()
    {
        while (_pending.First is { } first && Due(first.Value) <= loop.Now)
            End(first.Value);
        if (_pending.Count > 0)
            Set();
    }

    private static ulong Due(StreamConnection connection) =>
        connection.Client.AcceptedAt + StreamConnection.HandshakeTimeout;

    private void End(StreamConnection connection)
    {
        Remove(connection);
        connection.Reset();
    }

    private void Set() => loop.Timers.Set(this, Due(_pending.First!.Value));
}
