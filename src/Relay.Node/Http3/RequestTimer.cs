using Relay.Node.Io;

namespace Relay.Node.Http3;

/// <summary>
/// Ends streams whose request does not arrive: who opens streams and says nothing on them would hold memory for as
/// long as the connection lives. Set by the first such stream, and then until there is none: most requests come in one
/// packet and cost no timer of their own.
/// </summary>
/// <param name="connection">The connection.</param>
internal sealed class RequestTimer(RelayConnection connection) : LoopTimer
{
    /// <summary>How long a header section may take to arrive, in nanoseconds.</summary>
    internal const ulong Patience = 10_000_000_000;

    /// <summary>A stream opened.</summary>
    internal void Start()
    {
        if (!IsSet)
            Set(connection.Context.Loop.Now + Patience);
    }

    /// <summary>The connection is gone.</summary>
    internal void Stop() => connection.Context.Loop.Timers.Clear(this);

    internal override void Fire()
    {
        var next = connection.ResetLateRequests(connection.Context.Loop.Now - Patience);
        if (next != ulong.MaxValue)
            Set(next + Patience);
    }

    private void Set(ulong due) => connection.Context.Loop.Timers.Set(this, due);
}
