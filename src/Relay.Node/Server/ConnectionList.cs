using System.Collections;
using Relay.Node.Http;

namespace Relay.Node.Server;

/// <summary>One loop's open connections, in no order, so that they can be looked at one after the other.</summary>
internal sealed class ConnectionList : IReadOnlyCollection<ClientConnection>
{
    private static readonly TimeSpan LongestSpread = TimeSpan.FromSeconds(5);

    private readonly List<ClientConnection> _items = [];

    /// <inheritdoc/>
    public int Count => _items.Count;

    /// <summary>One of them; which, changes with every removal.</summary>
    public ClientConnection this[int index] => _items[index];

    /// <summary>Adds a connection that is in no list.</summary>
    public void Add(ClientConnection connection)
    {
        // In this order: whoever has a place in it and is not there would take another one's out.
        _items.Add(connection);
        connection.Slot = _items.Count - 1;
    }

    /// <summary>Removes a connection; the last one takes its place.</summary>
    /// <returns>False when it was not there.</returns>
    public bool Remove(ClientConnection connection)
    {
        var slot = connection.Slot;
        if (slot < 0)
            return false;
        connection.Slot = -1;
        var last = _items[^1];
        _items.RemoveAt(_items.Count - 1);
        if (last == connection)
            return true;
        _items[slot] = last;
        last.Slot = slot;
        return true;
    }

    /// <summary>
    /// Begins a drain: GOAWAY to every client, whose connection ends with its last request. Those that have none are
    /// closed evenly over a tenth of the time, at most five seconds, so that a fleet of phones does not connect anew,
    /// elsewhere, at one moment.
    /// </summary>
    /// <param name="time">How long open tunnels may run.</param>
    /// <param name="phase">From 0 to 1: where in its step each is closed; another for each loop of a node.</param>
    public void Drain(TimeSpan time, double phase)
    {
        var spread = Math.Min(time.Ticks / 10, LongestSpread.Ticks) * TimeSpan.NanosecondsPerTick;
        var idle = _items.Count(static connection => connection.IsIdle);
        var turn = phase;
        foreach (var connection in _items)
        {
            try
            {
                connection.Drain(connection.IsIdle ? (ulong)(spread * turn++ / idle) : 0);
            }
            catch (Exception e)
            {
                connection.OnDefect(e);
            }
        }
    }

    /// <inheritdoc cref="IEnumerable{T}.GetEnumerator"/>
    public List<ClientConnection>.Enumerator GetEnumerator() => _items.GetEnumerator();

    IEnumerator<ClientConnection> IEnumerable<ClientConnection>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
