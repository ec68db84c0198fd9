using Relay.Node.Io;
using Relay.Node.Streams;

namespace Relay.Node.Server;

/// <content>
/// What comes: connections, handshakes and bytes have a share of each turn's time each, so that nobody waits for all of it.
/// </content>
internal sealed partial class StreamHost
{
    /// <summary>Nanoseconds of reading after which a source that is late makes room for the next.</summary>
    private const long ReadShare = 100_000;

    /// <summary>Nanoseconds for which a client is not read that has sent too much, before it is looked at again.</summary>
    internal const ulong Pause = 20_000_000;

    private readonly SourceLines<StreamConnection> _late = new();
    private readonly List<StreamConnection> _paused = [];
    private int _first;

    /// <inheritdoc/>
    public bool Receive()
    {
        var more = Accept();
        TakeTurns(ref _reading);
        _handshakes.BeginTurn();
        _reads.BeginTurn();
        foreach (var connection in _turn)
        {
            if (connection.State == StreamState.Handshaking)
                Handshake(connection);
            else if (_late.Count > 0 || !_reads.TryBegin())
                Delay(connection);
            else
            {
                Read(connection);
                _ = _reads.End();
            }
        }
        _turn.Clear();
        ReadLate();
        return more || _reading.Count > 0 || _late.Count > 0;
    }

    /// <inheritdoc/>
    public bool HasTime
    {
        get
        {
            _ = _reads.End();
            return !_reads.IsUsedUp;
        }
    }

    private bool Accept()
    {
        var more = false;
        _accepts.BeginTurn();
        // Each in turn is the first: who floods one address does not keep others from another.
        for (var i = 0; i < _listeners.Count; i++)
            more |= _listeners[(_first + i) % _listeners.Count].Accept(_accepts);
        _first = _first + 1 < _listeners.Count ? _first + 1 : 0;
        return more;
    }

    private void Handshake(StreamConnection connection)
    {
        if (_handshakes.TryBegin())
        {
            Read(connection);
            _ = _handshakes.End();
        }
        else
        {
            _reading.Add(connection);
        }
    }

    /// <summary>What a turn has no time for is read in the next ones: by source, so that many connections get one no more than one does.</summary>
    private void Delay(StreamConnection connection)
    {
        try
        {
            _late.Add(connection.SourceKey, connection);
        }
        catch (OutOfMemoryException e)
        {
            _reading.Add(connection);
            _loop.OnOutOfMemory(e);
        }
    }

    private void ReadLate()
    {
        for (var left = _late.Count; left > 0 && _reads.TryBegin(); left--)
        {
            Read(_late.Next());
            _late.Charge((long)_reads.End(), ReadShare);
        }
    }

    private void Read(StreamConnection connection)
    {
        connection.IsReading = false;
        try
        {
            if (connection.IsFull)
                PauseReading(connection);
            else if (connection.ReadTurn())
                RequestRead(connection);
            connection.Client.CountMemory(connection.Unconsumed);
        }
        catch (Exception e)
        {
            connection.Client.OnDefect(e);
        }
    }

    /// <summary>What it sends stays in the kernel, which stops the client in the end.</summary>
    private void PauseReading(StreamConnection connection)
    {
        if (connection.IsPaused)
            return;
        _paused.Add(connection);
        connection.IsPaused = true;
        _loop.Counters.ReadsPaused++;
        if (!_resume.IsWaiting)
            _loop.Timers.Set(_resume, _loop.Now + Pause);
    }

    private void Resume()
    {
        foreach (var connection in _paused)
        {
            connection.IsPaused = false;
            connection.RequestRead();
        }
        _paused.Clear();
    }
}
