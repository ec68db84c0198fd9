using Relay.Native.Linux;

namespace Relay.Load.Measure;

/// <summary>What a measured stretch cost the relay and this program. Begun and ended on the client's thread.</summary>
internal sealed class RunMeter(int? relayPid, Func<long>? targetCpu = null)
{
    private Sample _begin;
    private Sample _end;
    private ulong _lastProgress;
    private bool _relayIsGone;

    private readonly record struct Sample(
        ulong At, ProcessUsage Relay, long ClientCpu, long TargetCpu, int Collections, long Allocated);

    /// <summary>Whether the relay's figures are known: a local process was named, and it lived to the end.</summary>
    public bool HasRelay => relayPid is not null && !_relayIsGone;

    public bool HasTarget => targetCpu is not null;

    public bool HasBegun { get; private set; }

    public void Begin()
    {
        HasBegun = true;
        _begin = _end = Take();
        _lastProgress = _begin.At;
    }

    /// <summary>The last thing that counts has happened: waiting that follows is not part of the time.</summary>
    public void Mark(ulong now) => _lastProgress = now;

    public void End() => _end = Take();

    /// <summary>The run broke off, perhaps because the relay is no more, of which nothing can be read then.</summary>
    public void BreakOff()
    {
        if (!HasBegun)
            return;
        try
        {
            End();
        }
        catch (IOException)
        {
            _relayIsGone = true;
            _end = TakeOwn();
        }
    }

    /// <summary>From the beginning to the last thing that counted.</summary>
    public double Seconds => Math.Max(1, _lastProgress - _begin.At) / 1e9;

    public long RelayCpuNanoseconds => _end.Relay.CpuNanoseconds - _begin.Relay.CpuNanoseconds;

    public double RelayUserSeconds => (_end.Relay.UserTicks - _begin.Relay.UserTicks) / ProcessUsage.TicksPerSecond;

    public double RelaySystemSeconds =>
        (_end.Relay.SystemTicks - _begin.Relay.SystemTicks) / ProcessUsage.TicksPerSecond;

    public long RelayResidentBefore => _begin.Relay.ResidentKib;

    /// <summary>KiB of the relay now; 0 where it is not watched.</summary>
    public long ReadResident() => relayPid is { } pid ? ProcessUsage.Read(pid).ResidentKib : 0;

    public long RelayResidentAfter => _end.Relay.ResidentKib;

    public long ClientCpuNanoseconds => _end.ClientCpu - _begin.ClientCpu;

    public long TargetCpuNanoseconds => _end.TargetCpu - _begin.TargetCpu;

    public int Collections => _end.Collections - _begin.Collections;

    public long AllocatedBytes => _end.Allocated - _begin.Allocated;

    private Sample Take() => TakeOwn() with { Relay = relayPid is { } pid ? ProcessUsage.Read(pid) : default };

    private Sample TakeOwn() => new(
        Clock.Now, default, ProcessUsage.ReadCurrentThread(), targetCpu?.Invoke() ?? 0, GC.CollectionCount(0),
        GC.GetTotalAllocatedBytes());
}
