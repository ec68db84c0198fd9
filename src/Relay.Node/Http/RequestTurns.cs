using Relay.Node.Io;

namespace Relay.Node.Http;

/// <summary>
/// Requests that a loop begins in one turn: each costs a socket and more, and many connections must not do together what one may not. What
/// costs as much as a request counts as one.
/// Who had some begun lately, or has no tunnel, waits for a turn to come, each in its place; who carries what its tunnels have goes on.
/// </summary>
/// <param name="loop">The loop.</param>
internal sealed class RequestTurns(ILoop loop)
{
    /// <summary>Requests of all connections, but for those in the packet, or the bytes, of the last of each.</summary>
    internal const int PerTurn = 64;

    /// <summary>Requests of one connection.</summary>
    internal const int OfConnection = 16;

    /// <summary>Nanoseconds for which a connection that had a request begun is one of those that wait.</summary>
    internal const ulong Lately = 10_000_000_000;

    private readonly Queue<Action> _waiting = new();
    private Action? _goOn;
    private int _begun;
    private bool _isPosted;

    /// <summary>Whether the loop has begun its share of requests in this turn.</summary>
    internal bool HasItsFill => _begun >= PerTurn;

    /// <summary>Requests begin.</summary>
    internal void OnRequests(int count) => _begun += count;

    /// <summary>Another turn begins.</summary>
    internal void BeginTurn() => _begun = 0;

    /// <summary>Does something in a turn that has room for requests, after what has waited for longer.</summary>
    internal void Wait(Action goOn)
    {
        _waiting.Enqueue(goOn);
        Post();
    }

    private void Post()
    {
        if (_isPosted)
            return;
        _isPosted = true;
        loop.Post(_goOn ??= GoOn);
    }

    private void GoOn()
    {
        _isPosted = false;
        BeginTurn();
        try
        {
            for (var left = _waiting.Count; left > 0 && !HasItsFill; left--)
                _waiting.Dequeue()();
        }
        finally
        {
            // Also where there was no memory for one of them: nobody else would go on.
            if (_waiting.Count > 0)
                Post();
        }
    }
}
