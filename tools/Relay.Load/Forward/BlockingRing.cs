namespace Relay.Load.Forward;

/// <summary>
/// Bytes between a thread that may wait and the loop, which may not. Standard input can be a file, which epoll refuses,
/// so that it needs a thread.
/// </summary>
internal sealed class BlockingRing(int capacity = 256 * 1024)
{
    private readonly byte[] _bytes = new byte[capacity];
    private readonly object _lock = new();
    private int _head;
    private int _count;
    private bool _ended;

    /// <summary>Takes bytes without waiting; 0 when there are none, −1 after the end.</summary>
    public int TryRead(Span<byte> destination)
    {
        lock (_lock)
        {
            if (_count == 0)
                return _ended ? -1 : 0;
            var length = Math.Min(destination.Length, Math.Min(_count, _bytes.Length - _head));
            _bytes.AsSpan(_head, length).CopyTo(destination);
            _head = (_head + length) % _bytes.Length;
            _count -= length;
            Monitor.PulseAll(_lock);
            return length;
        }
    }

    /// <summary>Adds as many bytes as fit, without waiting.</summary>
    public int TryWrite(ReadOnlySpan<byte> source)
    {
        lock (_lock)
        {
            var written = 0;
            while (written < source.Length && _count < _bytes.Length)
            {
                var tail = (_head + _count) % _bytes.Length;
                var part = Math.Min(source.Length - written, Math.Min(_bytes.Length - _count, _bytes.Length - tail));
                source.Slice(written, part).CopyTo(_bytes.AsSpan(tail));
                written += part;
                _count += part;
            }
            Monitor.PulseAll(_lock);
            return written;
        }
    }

    public void End()
    {
        lock (_lock)
        {
            _ended = true;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Takes bytes, waiting for some; −1 after the end.</summary>
    public int Read(Span<byte> destination)
    {
        int length;
        while ((length = TryRead(destination)) == 0)
            WaitForChange(wasEmpty: true);
        return length;
    }

    /// <summary>Adds all bytes, waiting for room.</summary>
    public void Write(ReadOnlySpan<byte> source)
    {
        while (true)
        {
            source = source[TryWrite(source)..];
            if (source.IsEmpty)
                return;
            WaitForChange(wasEmpty: false);
        }
    }

    private void WaitForChange(bool wasEmpty)
    {
        lock (_lock)
        {
            while (!_ended && (wasEmpty ? _count == 0 : _count == _bytes.Length))
                Monitor.Wait(_lock);
        }
    }
}
