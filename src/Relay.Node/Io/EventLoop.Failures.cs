using Relay.Native.Linux;

namespace Relay.Node.Io;

/// <content>
/// Memory that cannot be had, as at the limit of a container, costs what needed it, and a defect of the relay whose turn it was in.
/// Everything else that is ready has its turn all the same: an edge is told once.
/// </content>
internal sealed partial class EventLoop
{
    private ulong _nextReport;
    private ulong _nextDefect;

    /// <summary>Hears, once a second at most, that something had no memory.</summary>
    internal Action<OutOfMemoryException>? WhenOutOfMemory { get; init; }

    /// <summary>Hears, once a second at most, of a defect that cost a connection.</summary>
    internal Action<Exception>? WhenDefect { get; init; }

    // Whoever finds a way to one may go it for each packet.
    /// <inheritdoc/>
    public void OnDefect(Exception exception)
    {
        Counters.Defects++;
        if (Now < _nextDefect)
            return;
        _nextDefect = Now + IdleTurn;
        Tell(WhenDefect, exception);
    }

    /// <inheritdoc/>
    public void OnOutOfMemory(OutOfMemoryException exception)
    {
        if (Now < _nextReport)
            return;
        _nextReport = Now + IdleTurn;
        Tell(WhenOutOfMemory, exception);
    }

    private static void Tell<T>(Action<T>? listener, T exception)
    {
        try
        {
            listener?.Invoke(exception);
        }
        catch (Exception)
        {
            // A line of the log needs memory, which has just failed; that nobody hears of it must cost nobody else's turn, nor the process.
        }
    }

    /// <summary>Lets a failure cost whose turn it was.</summary>
    /// <returns>False where that was the loop's own.</returns>
    private bool TryBear(Exception exception, ITurnOwner? owner)
    {
        try
        {
            // Also for want of memory: what was begun in its turn, and whoever waits for that, would wait for ever.
            if (owner is not null)
                owner.OnDefect(exception);
            else if (exception is OutOfMemoryException memory)
                OnOutOfMemory(memory);
            else
                return false;
        }
        catch (OutOfMemoryException e)
        {
            OnOutOfMemory(e);
        }
        return true;
    }

    private void Tell(in EpollReady ready)
    {
        var target = _watched.Find(ready.Token);
        try
        {
            target?.OnReady(ready.Events);
        }
        catch (Exception e)
        {
            if (!TryBear(e, (target as IOwned)?.Owner))
                throw;
        }
    }

    private void Flush(IFlushable flow)
    {
        try
        {
            flow.Flush();
        }
        catch (Exception e)
        {
            if (!TryBear(e, flow.Owner))
                throw;
        }
    }

    private bool Receive(ILoopPhase phase)
    {
        try
        {
            return phase.Receive();
        }
        catch (OutOfMemoryException e)
        {
            // What was left of its batch is lost like packets on their way.
            OnOutOfMemory(e);
            return true;
        }
    }

    private bool Write(ILoopPhase phase)
    {
        try
        {
            return phase.Write();
        }
        catch (OutOfMemoryException e)
        {
            OnOutOfMemory(e);
            return true;
        }
    }

    /// <returns>Whether some that are due are left.</returns>
    private bool FireTimers()
    {
        try
        {
            Timers.Fire(Now);
            return false;
        }
        catch (OutOfMemoryException e)
        {
            OnOutOfMemory(e);
            return true;
        }
    }
}
