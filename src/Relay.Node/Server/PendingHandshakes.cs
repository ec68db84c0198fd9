using Relay.Node.Io;
using Relay.Node.Streams;

namespace Relay.Node.Server;

/// <summary>
/// The TLS handshakes that are under way on a loop, in order of their beginning: each has its time, and beyond a
/// number of them the oldest makes room for the newest. A source that has an eighth of them makes room among its own, so
/// that who begins many and completes none keeps nobody else out.
/// </summary>
/// <param name="loop">Clock, timers, counters.</param>
/// <param name="most">How many there may be.</param>
/// <param name="patience">Nanoseconds that each may take.</param>
internal sealed class PendingHandshakes(ILoop loop, int most, ulong patience) : LoopTimer
{
    private readonly LinkedList<StreamConnection> _all = [];
    private readonly Dictionary<ulong, LinkedList<StreamConnection>> _bySource = [];
    private readonly int _mostOfSource = Math.Max(1, most / 8);

    /// <inheritdoc/>
    public override ITurnOwner? Owner => null;

    /// <summary>One more begins.</summary>
    internal void Add(StreamConnection connection)
    {
        // First what may fail for want of memory: who is in one of the lists and does not know it is never taken out, though it be due.
        var nodes = (InAll: new LinkedListNode<StreamConnection>(connection), InSource: new LinkedListNode<StreamConnection>(connection));
        if (!_bySource.TryGetValue(connection.SourceKey, out var own))
            _bySource[connection.SourceKey] = own = [];
        var oldest = own.Count >= _mostOfSource ? own.First : _all.Count >= most ? _all.First : null;
        connection.Pending = nodes;
        _all.AddLast(nodes.InAll);
        own.AddLast(nodes.InSource);
        if (oldest is not null)
        {
            loop.Counters.HandshakesEvicted++;
            End(oldest.Value);
        }
        if (!IsWaiting)
            Set();
    }

    /// <summary>One is complete, or over.</summary>
    internal void Remove(StreamConnection connection)
    {
        if (connection.Pending is not { } nodes)
            return;
        connection.Pending = null;
        _all.Remove(nodes.InAll);
        var own = nodes.InSource.List!;
        own.Remove(nodes.InSource);
        if (own.Count == 0)
            _bySource.Remove(connection.SourceKey);
    }

    internal override void Fire()
    {
        while (_all.First is { } first && Due(first.Value) <= loop.Now)
            End(first.Value);
        if (_all.Count > 0)
            Set();
    }

    private ulong Due(StreamConnection connection) => connection.Client.AcceptedAt + patience;

    private void End(StreamConnection connection)
    {
        Remove(connection);
        connection.Reset();
    }

    private void Set() => loop.Timers.Set(this, Due(_all.First!.Value));
}
