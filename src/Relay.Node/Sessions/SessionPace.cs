using Relay.Node.Io;

namespace Relay.Node.Sessions;

/// <summary>
/// Holds a session to its owner's bytes a second. It draws on the owner's budget by the slice: a byte costs a
/// subtraction on the session's own loop, and loops meet a few hundred times a second at most. What may not pass yet
/// waits where it is, in the target's socket, or with the client, whose window is not given back. Belongs to one loop.
/// </summary>
/// <param name="loop">Clock and timers.</param>
/// <param name="session">Whose pace it is.</param>
internal sealed class SessionPace(ILoop loop, Session session) : LoopTimer
{
    /// <summary>What passes without a limit before it is looked whether there is one now, in bytes.</summary>
    internal const int FreeSlice = 256 * 1024;

    /// <summary>The least that is worth a turn, in bytes.</summary>
    private const int MinSlice = 4 * 1024;

    private const int SlicesPerSecond = 200;

    /// <summary>How long a limit that was changed may go unseen by those who wait, in nanoseconds.</summary>
    private const ulong LookInterval = 100_000_000;

    private List<IPaced> _waiting = [];
    private List<IPaced> _waking = [];
    private IdentityLimits? _asked;
    private long _credit;
    private long _slice;
    private ulong _due;
    private bool _limited;

    /// <inheritdoc/>
    public override ITurnOwner? Owner => session.Connection;

    /// <summary>How many bytes may pass at once, where any may.</summary>
    internal int Room => _limited ? (int)Math.Max(_credit, MinSlice) : int.MaxValue;

    /// <summary>Whether bytes may pass now; how many is settled with <see cref="Pay"/>.</summary>
    internal bool TryPass() => _credit > 0 || Draw();

    /// <summary>The same; a tunnel that may not is told when to try again.</summary>
    internal bool TryPass(IPaced tunnel)
    {
        if (TryPass())
            return true;
        if (!tunnel.AwaitsPace)
        {
            _waiting.Add(tunnel);
            tunnel.AwaitsPace = true;
        }
        return false;
    }

    /// <summary>
    /// Bytes have passed. They may be more than there was credit for: what comes next waits so much longer.
    /// </summary>
    internal void Pay(int length) => _credit -= length;

    /// <summary>The session is over.</summary>
    internal void Stop() => loop.Timers.Clear(this);

    internal override void Fire()
    {
        // A limit that was changed dropped what was reserved under the old one: those who wait ask anew.
        if (ReferenceEquals(_asked, session.Owner!.Limits))
        {
            if (loop.Now < _due)
            {
                Wait();
                return;
            }
            _credit = _slice;
        }
        (_waiting, _waking) = (_waking, _waiting);
        foreach (var tunnel in _waking)
        {
            tunnel.AwaitsPace = false;
            try
            {
                tunnel.OnPace();
            }
            catch (Exception e)
            {
                tunnel.OnDefect(e);
            }
        }
        _waking.Clear();
    }

    private bool Draw()
    {
        if (IsWaiting)
            return false;
        _asked = session.Owner!.Limits;
        var rate = _asked.BytesPerSecond;
        _limited = rate != long.MaxValue;
        if (!_limited)
        {
            _credit = FreeSlice;
            return true;
        }
        _slice = Math.Clamp(rate / SlicesPerSecond, MinSlice, FreeSlice);
        var wait = session.Owner.Reserve(_slice - _credit, rate, loop.Now);
        if (wait == 0)
        {
            _credit = _slice;
            return true;
        }
        _due = loop.Now + wait;
        Wait();
        return false;
    }

    private void Wait() => loop.Timers.Set(this, Math.Min(_due, loop.Now + LookInterval));
}
