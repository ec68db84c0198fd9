using Relay.Node.Io;

namespace Relay.Node.Http;

/// <summary>
/// Ends streams whose request does not arrive: who opens streams and says nothing on them would hold memory for as
/// long as the connection lives. Set by the first such stream, and then until there is none: most requests come in one
/// packet and cost no timer of their own.
/// </summary>
/// <param name="connection">The connection.</param>
internal sealed class RequestTimer(ClientConnection connection) : LoopTimer
{
    /// <inheritdoc/>
    public override ITurnOwner? Owner => connection;

    private ulong Patience => connection.Context.Timeouts.Request;

    /// <summary>A stream opened.</summary>
    internal void Start()
    {
        if (!IsWaiting)
            Set(connection.Loop.Now + Patience);
    }

    /// <summary>The connection is gone.</summary>
    internal void Stop() => connection.Loop.Timers.Clear(this);

    internal override void Fire()
    {
        var next = connection.Carrier.ResetLateRequests(connection.Loop.Now - Patience, out var reset);
        connection.Loop.Counters.RefusedIncomplete += reset;
        if (next != ulong.MaxValue)
            Set(next + Patience);
    }

    private void Set(ulong due) => connection.Loop.Timers.Set(this, due);
}
