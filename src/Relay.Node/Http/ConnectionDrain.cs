using Relay.Node.Io;

namespace Relay.Node.Http;

/// <summary>
/// The end of a connection in order (RFC 9114 §5.2, RFC 9113 §6.8): a GOAWAY that still lets every request arrive, to
/// be answered; once none is left, and the client has had the time to hear of it, the final GOAWAY; then its end.
/// </summary>
/// <param name="connection">The connection.</param>
internal sealed class ConnectionDrain(ClientConnection connection) : LoopTimer
{
    /// <summary>
    /// Probe timeouts that the last bytes of ended tunnels and of refusals have to arrive. Without an end to it, a
    /// client that never ends its own side would hold up the drain.
    /// </summary>
    private const ulong LingerProbes = 3;

    private ActionTimer? _silence;
    private ulong _announcedAt;
    private Step _step;
    private ulong _lingerUntil;

    private enum Step
    {
        None,
        Announced,
        Waiting,
        Final,
    }

    /// <inheritdoc/>
    public override ITurnOwner? Owner => connection;

    private IConnectionCarrier Carrier => connection.Carrier;

    private ulong SignOfLife => connection.Context.Timeouts.Silence.AfterGoAway;

    /// <summary>
    /// Nanoseconds after which it is asked with a PING. A client that has paused its downloads has no window left for
    /// GOAWAY, and nothing to acknowledge.
    /// </summary>
    private ulong Question => SignOfLife / 10;

    internal bool HasBegun => _step != Step.None;

    /// <summary>Begins; does nothing when it has begun.</summary>
    /// <param name="delay">Nanoseconds before which the final GOAWAY is not sent.</param>
    internal void Start(ulong delay)
    {
        if (_step != Step.None)
            return;
        _step = Step.Announced;
        Carrier.AnnounceShutdown();
        Carrier.AskForLife(Question);
        Set(Math.Max(Carrier.ProbeTimeout, delay));
        var timers = connection.Loop.Timers;
        _announcedAt = connection.Loop.Now;
        _silence = new ActionTimer(connection, OnSilence);
        timers.Set(_silence, _announcedAt + SignOfLife);
    }

    private void OnSilence()
    {
        if (!Carrier.HasHeardSince(_announcedAt))
            connection.OnIdle();
    }

    /// <summary>
    /// A request is answered with a refusal, or its tunnel or stream is over: it may have been the last.
    /// </summary>
    internal void OnRequestOver()
    {
        if (_step == Step.Waiting)
            Set(0);
    }

    /// <summary>The connection is gone.</summary>
    internal void Stop()
    {
        connection.Loop.Timers.Clear(this);
        if (_silence is not null)
            connection.Loop.Timers.Clear(_silence);
    }

    internal override void Fire()
    {
        if (_step == Step.Final)
        {
            connection.Shutdown();
            return;
        }
        _step = Step.Waiting;
        if (Carrier.StreamCount > 0 && !HasLingered())
            return;
        _step = Step.Final;
        Carrier.RefuseRequests();
        // This turn writes it; the end of the connection would keep it from being written.
        Set(1);
    }

    private bool HasLingered()
    {
        if (connection.HasOpenRequests)
            return false;
        var now = connection.Loop.Now;
        if (_lingerUntil == 0)
            _lingerUntil = now + (LingerProbes * Carrier.ProbeTimeout);
        if (now >= _lingerUntil)
            return true;
        Set(_lingerUntil - now);
        return false;
    }

    private void Set(ulong delay) =>
        connection.Loop.Timers.Set(this, connection.Loop.Now + delay);
}
