namespace Relay.Load.Client;

/// <content>Whose turn it is to read and to write.</content>
internal sealed partial class ClientLoop
{
    private readonly Queue<IReader> _readable = new();
    private List<ClientConnection> _dirty = [];
    private List<ClientConnection> _writing = [];

    public void QueueRead(IReader reader)
    {
        if (reader.Queued)
            return;
        reader.Queued = true;
        _readable.Enqueue(reader);
    }

    public void MarkDirty(ClientConnection connection)
    {
        if (connection.Dirty || connection.IsEnded)
            return;
        connection.Dirty = true;
        _dirty.Add(connection);
    }

    /// <summary>The connection is over.</summary>
    /// <param name="connection">Which.</param>
    /// <param name="tell">Whether the workload is to hear of it.</param>
    internal void Finish(ClientConnection connection, bool tell)
    {
        if (connection.IsEnded)
            return;
        connection.OnFinish();
        _connections.Remove(connection);
        if (tell && connection.TellsEnd)
            _workload.OnConnectionEnded(connection);
        connection.Dispose();
    }

    private void ReadTurns()
    {
        for (var left = _readable.Count; left > 0; left--)
        {
            var reader = _readable.Dequeue();
            reader.Queued = false;
            reader.ReadTurn();
        }
    }

    private void WriteTurns()
    {
        (_dirty, _writing) = (_writing, _dirty);
        foreach (var connection in _writing)
        {
            connection.Dirty = false;
            if (!connection.IsEnded)
                connection.WriteTurn();
        }
        _writing.Clear();
    }
}
