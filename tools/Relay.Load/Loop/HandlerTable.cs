using Relay.Native.Linux;

namespace Relay.Load.Loop;

/// <summary>The descriptors of one epoll instance, and whom to call when they are ready.</summary>
internal sealed class HandlerTable : IReadiness, IDisposable
{
    private readonly EventFd _wake = new();
    private readonly Epoll _epoll = new();
    private readonly EpollReady[] _ready = new EpollReady[256];
    private readonly ReadinessTable _handlers = new();

    public HandlerTable() => Add(_wake.Fd, EpollInterest.In, this);

    /// <summary>Waits for the descriptor from now on.</summary>
    /// <returns>The token for <see cref="Modify"/> and <see cref="Remove"/>.</returns>
    public ulong Add(int fd, EpollInterest interest, IReadiness handler)
    {
        var token = _handlers.Add(handler);
        _epoll.Add(fd, interest | EpollInterest.EdgeTriggered, token);
        return token;
    }

    public void Modify(int fd, EpollInterest interest, ulong token) =>
        _epoll.Modify(fd, interest | EpollInterest.EdgeTriggered, token);

    /// <summary>Before the descriptor is closed. Events of it that were already fetched find nobody.</summary>
    public void Remove(int fd, ulong token)
    {
        if (_handlers.Remove(token))
            _epoll.Remove(fd);
    }

    /// <summary>Waits, and calls the handlers of what is ready.</summary>
    /// <param name="timeoutNanoseconds">Negative: for ever.</param>
    public int WaitAndDispatch(long timeoutNanoseconds)
    {
        var count = _epoll.Wait(_ready, timeoutNanoseconds);
        for (var i = 0; i < count; i++)
            _handlers.Find(_ready[i].Token)?.OnReady(_ready[i].Events);
        return count;
    }

    /// <summary>Ends the wait. Called from any thread.</summary>
    public void Wake() => _wake.Signal();

    /// <inheritdoc/>
    public void OnReady(EpollInterest events)
    {
        // Edge-triggered: being woken is all there is to it.
    }

    public void Dispose()
    {
        _epoll.Dispose();
        _wake.Dispose();
    }
}
