namespace Relay.Native.Linux;

/// <summary>
/// Maps epoll tokens to objects. A token holds a slot and its generation, so that an event of a descriptor that was
/// closed in the same turn does not reach whoever has its slot now.
/// </summary>
public sealed class ReadinessTable
{
    private (IReadiness? Target, uint Generation)[] _slots = new (IReadiness?, uint)[64];
    private readonly Stack<int> _free = new();
    private int _used;

    /// <summary>Takes an owner of a descriptor in.</summary>
    /// <returns>Its token: never 0.</returns>
    public ulong Add(IReadiness target)
    {
        if (!_free.TryPop(out var slot))
        {
            if (_used == _slots.Length)
                Array.Resize(ref _slots, _used * 2);
            // That taking one out needs no memory: it is done while sockets are closed.
            _free.EnsureCapacity(_used + 1);
            slot = _used++;
        }
        var generation = _slots[slot].Generation + 1;
        _slots[slot] = (target, generation);
        return ((ulong)generation << 32) | (uint)slot;
    }

    /// <summary>Events that carry the token reach nobody from now on.</summary>
    /// <returns>Whether it was in the table.</returns>
    public bool Remove(ulong token)
    {
        var slot = (int)(uint)token;
        if (_slots[slot].Generation != (uint)(token >> 32) || _slots[slot].Target is null)
            return false;
        _slots[slot].Target = null;
        _free.Push(slot);
        return true;
    }

    /// <summary>Whom an event is for; null when they are gone.</summary>
    public IReadiness? Find(ulong token)
    {
        ref var slot = ref _slots[(int)(uint)token];
        return slot.Generation == (uint)(token >> 32) ? slot.Target : null;
    }
}
