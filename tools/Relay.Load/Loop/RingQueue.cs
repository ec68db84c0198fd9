namespace Relay.Load.Loop;

/// <summary>A first-in, first-out queue that allocates only when it grows.</summary>
internal sealed class RingQueue<T>(int capacity = 16)
{
    private T[] _items = new T[Math.Max(2, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)capacity))];
    private int _head;

    public int Count { get; private set; }

    public T Peek() => _items[_head];

    public void Enqueue(T item)
    {
        if (Count == _items.Length)
            Grow();
        _items[(_head + Count++) & (_items.Length - 1)] = item;
    }

    public T Dequeue()
    {
        if (Count == 0)
            throw new InvalidOperationException("The queue is empty.");
        var item = _items[_head];
        _items[_head] = default!;
        _head = (_head + 1) & (_items.Length - 1);
        Count--;
        return item;
    }

    private void Grow()
    {
        var larger = new T[_items.Length * 2];
        for (var i = 0; i < Count; i++)
            larger[i] = _items[(_head + i) & (_items.Length - 1)];
        _items = larger;
        _head = 0;
    }
}
