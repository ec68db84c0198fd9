using Relay.Native.Linux;

namespace Relay.Node.Io;

/// <content>
/// Memory that cannot be had, as at the limit of a container, costs what needed it. Everything else that is ready has its
/// turn all the same: an edge is told once.
/// </content>
internal sealed partial class EventLoop
{
    private ulong _nextReport;

    /// <summary>Hears, once a second at most, that something had no memory.</summary>
    internal Action<OutOfMemoryException>? WhenOutOfMemory { get; init; }

    /// <inheritdoc/>
    public void OnOutOfMemory(OutOfMemoryException exception)
    {
        if (Now < _nextReport)
            return;
        _nextReport = Now + IdleTurn;
        WhenOutOfMemory?.Invoke(exception);
    }

    private void Tell(in EpollReady ready)
    {
        try
        {
            _watched.Find(ready.Token)?.OnReady(ready.Events);
        }
        catch (OutOfMemoryException e)
        {
            OnOutOfMemory(e);
        }
    }

    private void Flush(IFlushable flow)
    {
        try
        {
            flow.Flush();
        }
        catch (OutOfMemoryException e)
        {
            OnOutOfMemory(e);
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
