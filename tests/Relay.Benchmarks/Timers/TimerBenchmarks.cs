using BenchmarkDotNet.Attributes;
using Relay.Native.Linux;

namespace Relay.Benchmarks.Timers;

/// <summary>A loop's deadlines, as its connections and tunnels move them: one step each of a fixed sequence.</summary>
public class TimerBenchmarks
{
    private const ulong Millisecond = 1_000_000;

    private readonly TimerHeap _heap = new();
    private Timer[] _timers = [];
    private ulong _now;
    private int _next;

    /// <summary>Timers that are set.</summary>
    [Params(200, 20_000)]
    public int Count { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(5);
        _timers = new Timer[Count];
        for (var i = 0; i < Count; i++)
        {
            _timers[i] = new Timer(_heap);
            _heap.Set(_timers[i], (ulong)random.NextInt64(30_000 * (long)Millisecond));
        }
    }

    /// <summary>Of each in turn, to later than it was: what an idle timeout does with each burst.</summary>
    [Benchmark]
    public void Postpone()
    {
        _now += Millisecond;
        _heap.Set(Next(), _now + (30_000 * Millisecond));
    }

    /// <summary>Of each in turn, to the earliest and back: what an acknowledgement or a probe does.</summary>
    [Benchmark]
    public void HastenAndPostpone()
    {
        _now += Millisecond;
        var timer = Next();
        _heap.Set(timer, _now);
        _heap.Set(timer, _now + (30_000 * Millisecond));
    }

    [Benchmark]
    public void ClearAndSet()
    {
        _now += Millisecond;
        var timer = Next();
        _heap.Clear(timer);
        _heap.Set(timer, _now + (30_000 * Millisecond));
    }

    /// <summary>The earliest, which sets itself again.</summary>
    [Benchmark]
    public void Fire() => _heap.Fire(_heap.Next);

    private Timer Next() => _timers[_next = (_next + 1) % Count];

    private sealed class Timer(TimerHeap heap) : HeapTimer
    {
        public override void OnDue() => heap.Set(this, Due + (30_000 * Millisecond));
    }
}
