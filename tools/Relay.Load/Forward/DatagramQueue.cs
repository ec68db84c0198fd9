using System.Buffers;

namespace Relay.Load.Forward;

/// <summary>Datagrams that wait, in pooled memory; what comes when it is full is dropped.</summary>
internal sealed class DatagramQueue(int capacity = 512)
{
    private readonly Queue<(byte[] Bytes, int Length)> _items = new();

    public int Count => _items.Count;

    public ReadOnlySpan<byte> Peek()
    {
        var (bytes, length) = _items.Peek();
        return bytes.AsSpan(0, length);
    }

    public bool TryEnqueue(ReadOnlySpan<byte> datagram)
    {
        if (_items.Count == capacity)
            return false;
        var bytes = ArrayPool<byte>.Shared.Rent(Math.Max(1, datagram.Length));
        datagram.CopyTo(bytes);
        _items.Enqueue((bytes, datagram.Length));
        return true;
    }

    public void Dequeue() => ArrayPool<byte>.Shared.Return(_items.Dequeue().Bytes);

    public void Clear()
    {
        while (_items.Count > 0)
            Dequeue();
    }
}
