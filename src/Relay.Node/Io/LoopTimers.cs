using Relay.Native.Linux;

namespace Relay.Node.Io;

/// <summary>A loop's deadlines, for folders that do not name Relay.Native.</summary>
internal sealed class LoopTimers
{
    private readonly TimerHeap _heap = new();

    /// <inheritdoc cref="TimerHeap.Count"/>
    internal int Count => _heap.Count;

    /// <inheritdoc cref="TimerHeap.Next"/>
    internal ulong Next => _heap.Next;

    /// <inheritdoc cref="TimerHeap.Set"/>
    internal void Set(LoopTimer timer, ulong due) => _heap.Set(timer, due);

    /// <inheritdoc cref="TimerHeap.Clear"/>
    internal void Clear(LoopTimer timer) => _heap.Clear(timer);

    /// <inheritdoc cref="TimerHeap.Fire"/>
    internal void Fire(ulong now) => _heap.Fire(now);
}
