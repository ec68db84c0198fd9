using Relay.Load.Measure;

namespace Relay.Load.Workloads;

/// <summary>A run of datagrams, over tunnels, of a number or a time.</summary>
internal abstract class DatagramWorkload(DatagramOptions options, RunMeter meter) : TunnelWorkload(options, meter)
{
    /// <summary>When measuring may begin, as soon as all tunnels are open; then, when it began. In nanoseconds.</summary>
    protected ulong BeginAt { get; private set; }

    /// <summary>Whether nothing more is to be sent.</summary>
    protected bool IsStopping { get; set; }

    public DatagramOptions Options => options;

    protected bool HasLasted =>
        Meter.HasBegun && options.Duration > TimeSpan.Zero && Loop.Now - BeginAt >= (ulong)options.Duration.Ticks * 100;

    protected double Elapsed => Math.Max(1e-3, (Loop.Now - BeginAt) / 1e9);

    protected virtual void Begin()
    {
        Meter.Begin();
        BeginAt = Loop.Now;
    }

    protected override void OnAllOpen() => BeginAt = Loop.Now + (ulong)(options.Warmup.Ticks * 100);

    public override void OnInterrupt()
    {
        if (!Meter.HasBegun)
            base.OnInterrupt();
        IsStopping = true;
    }

    /// <summary>How far it is, by what is counted.</summary>
    protected double Fraction(long done) => !Meter.HasBegun ? 0
        : options.Count > 0 ? (double)done / options.Count
        : Elapsed / Math.Max(1e-9, options.Duration.TotalSeconds);
}
