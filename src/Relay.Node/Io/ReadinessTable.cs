namespace Relay.Node.Io;

/// <summary>
/// Maps epoll tokens to objects. A token holds a slot and its generation, so that an event of a descriptor that was
/// closed in the same turn does not reach whoever has its slot now.
/// </summary>
internal sealed class ReadinessTable
{
    private (IReadiness? Target, uint Generation)[] _slots = new (IReadiness?, uint)[64];
    private readonly Stack<int> _free = new();
    private int _used;

    internal ulong Add(IReadiness target)
    {
        if (!_free.TryPop(out var slot))
        {
            if (_used == _slots.Length)
                Array.Resize(ref _slots, _used * 2);
            slot = _used++;
        }
        _slots[slot].Target = target;
        return ((ulong)_slots[slot].Generation << 32) | (uint)slot;
    }

    internal void Remove(ulong token)
    {
        var slot = (int)(uint)token;
        if (_slots[slot].Generation != (uint)(token >> 32) || _slots[slot].Target is null)
            return;
        _slots[slot] = (null, _slots[slot].Generation + 1);
        _free.Push(slot);
    }

    internal IReadiness? Find(ulong token)
    {
        ref var slot = ref _slots[(int)(uint)token];
        return slot.Generation == (uint)(token >> 32) ? slot.Target : null;
    }
}
