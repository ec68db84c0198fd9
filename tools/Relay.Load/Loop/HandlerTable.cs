using Relay.Native.Linux;

namespace Relay.Load.Loop;

/// <summary>An owner of a descriptor that a loop waits for.</summary>
internal interface ILoopHandler
{
    void OnReady(EpollInterest events);
}

/// <summary>The descriptors of one epoll instance, and whom to call when they are ready.</summary>
internal sealed class HandlerTable : IDisposable
{
    private readonly Epoll _epoll = new();
    private readonly EpollReady[] _ready = new EpollReady[256];
    private readonly Stack<int> _free = new();
    private (ILoopHandler? Handler, uint Generation)[] _slots = new (ILoopHandler?, uint)[64];
    private int _used;

    /// <summary>Waits for the descriptor from now on.</summary>
    /// <returns>The token for <see cref="Modify"/> and <see cref="Remove"/>.</returns>
    public ulong Add(int fd, EpollInterest interest, ILoopHandler handler)
    {
        if (!_free.TryPop(out var slot))
        {
            if (_used == _slots.Length)
                Array.Resize(ref _slots, _used * 2);
            slot = _used++;
        }
        var generation = _slots[slot].Generation + 1;
        _slots[slot] = (handler, generation);
        var token = ((ulong)generation << 32) | (uint)slot;
        _epoll.Add(fd, interest | EpollInterest.EdgeTriggered, token);
        return token;
    }

    public void Modify(int fd, EpollInterest interest, ulong token) =>
        _epoll.Modify(fd, interest | EpollInterest.EdgeTriggered, token);

    /// <summary>Before the descriptor is closed. Events of it that were already fetched find nobody.</summary>
    public void Remove(int fd, ulong token)
    {
        var slot = (int)(uint)token;
        if (_slots[slot].Generation != (uint)(token >> 32) || _slots[slot].Handler is null)
            return;
        _epoll.Remove(fd);
        _slots[slot].Handler = null;
        _free.Push(slot);
    }

    /// <summary>Waits, and calls the handlers of what is ready.</summary>
    /// <param name="timeoutNanoseconds">Negative: for ever.</param>
    public int WaitAndDispatch(long timeoutNanoseconds)
    {
        var count = _epoll.Wait(_ready, timeoutNanoseconds);
        for (var i = 0; i < count; i++)
        {
            var token = _ready[i].Token;
            ref var slot = ref _slots[(int)(uint)token];
            if (slot.Generation == (uint)(token >> 32))
                slot.Handler?.OnReady(_ready[i].Events);
        }
        return count;
    }

    public void Dispose() => _epoll.Dispose();
}
