using Relay.Load.Client;
using Relay.Load.Measure;
using Relay.Native.Quic;

namespace Relay.Load.Workloads;

/// <summary>What an echo run does.</summary>
internal sealed record EchoOptions : DatagramOptions
{
    /// <summary>Datagrams outstanding in each flow.</summary>
    public int Window { get; init; } = 64;

    /// <summary>Move to another UDP port after so many echoes; 0 for never.</summary>
    public long RebindEvery { get; init; }

    /// <summary>When a datagram without an echo is given up.</summary>
    public TimeSpan LossTimeout { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>Keeps a window of datagrams in flight to an echo target, and verifies every echo.</summary>
internal sealed class EchoWorkload(EchoOptions options, RunMeter meter)
    : TunnelWorkload(options, meter)
{
    private readonly ulong _lossTimeout = (ulong)(options.LossTimeout.Ticks * 100);
    private ulong _measureAt;
    private ulong _endAt = ulong.MaxValue;
    private long _sentBefore;
    private long _rebindCountdown = options.RebindEvery;
    private bool _stopping;

    public EchoOptions Options => options;

    public LatencyHistogram Latency { get; } = new();

    public long Sent { get; private set; }

    public long Echoes { get; private set; }

    public long Lost { get; private set; }

    public long Late { get; private set; }

    public long Duplicates { get; private set; }

    /// <summary>Echoes whose contents were not what was sent.</summary>
    public long Corrupt { get; private set; }

    /// <summary>How many went as capsules; how many echoes came as capsules is the relay's choice.</summary>
    public long SentByCapsule { get; private set; }

    public long EchoesByCapsule { get; private set; }

    public int Rebinds { get; private set; }

    /// <summary>Whether tunnels may send: not yet stopped, and short of the count.</summary>
    public bool MaySend => !_stopping && (options.Count == 0 || !Meter.HasBegun || Sent - _sentBefore < options.Count);

    public override (double Fraction, string Text) Progress
    {
        get
        {
            if (!AllOpen)
                return base.Progress;
            var seconds = Meter.HasBegun ? (Loop.Now - _measureAt) / 1e9 : 0;
            var fraction = !Meter.HasBegun ? 0
                : options.Count > 0 ? (double)Echoes / options.Count
                : seconds / Math.Max(1e-9, options.Duration.TotalSeconds);
            return (fraction, $"{Echoes:N0} echoes, {(seconds > 0 ? Echoes / seconds : 0):N0}/s, {Lost:N0} lost");
        }
    }

    public void OnSent(EchoTunnel tunnel, Carrier carrier, DatagramFate fate)
    {
        Sent++;
        if (carrier == Carrier.Capsule)
            SentByCapsule++;
        if (fate == DatagramFate.TooLarge)
            Fail(SizeText.TooLarge(tunnel, options.Size));
    }

    public void OnEcho(EchoOutcome outcome, ulong latency, Carrier carrier)
    {
        switch (outcome)
        {
            case EchoOutcome.Answered:
                Echoes++;
                Latency.Add(latency);
                if (carrier == Carrier.Capsule)
                    EchoesByCapsule++;
                Meter.Mark(Loop.Now);
                _rebindCountdown--;
                break;
            case EchoOutcome.Late:
                Late++;
                Lost--;
                break;
            case EchoOutcome.Duplicate:
                Duplicates++;
                break;
            default:
                Corrupt++;
                break;
        }
    }

    public override void OnTurn()
    {
        if (!AllOpen)
            return;
        if (options.RebindEvery > 0 && _rebindCountdown <= 0)
            Rebind();
        if (!Meter.HasBegun && Loop.Now >= _measureAt)
            Begin();
        if (Loop.Now >= _endAt)
            _stopping = true;
        if (Meter.HasBegun && !MaySend && OutstandingIsZero())
            End();
    }

    public override void OnTick()
    {
        base.OnTick();
        if (!AllOpen)
            return;
        foreach (var tunnel in Tunnels)
            Lost += ((EchoTunnel)tunnel).Expire(Loop.Now, _lossTimeout);
    }

    public override void OnInterrupt()
    {
        if (!Meter.HasBegun)
            base.OnInterrupt();
        _stopping = true;
    }

    protected override TunnelStream CreateTunnel(ClientConnection connection, int number) =>
        new EchoTunnel(this, connection, number);

    protected override void OnAllOpen()
    {
        _measureAt = Loop.Now + (ulong)(options.Warmup.Ticks * 100);
        if (options.Warmup == TimeSpan.Zero && !Meter.HasBegun)
            Begin();
    }

    private void Begin()
    {
        _sentBefore = Sent;
        // What was answered so far is the warm-up's; what is in flight will be counted.
        Echoes = EchoesByCapsule = 0;
        Latency.Clear();
        Meter.Begin();
        _measureAt = Loop.Now;
        if (options.Duration > TimeSpan.Zero)
            _endAt = _measureAt + (ulong)(options.Duration.Ticks * 100);
    }

    private void Rebind()
    {
        _rebindCountdown = options.RebindEvery;
        foreach (var connection in Connections)
            connection.Rebind();
        Rebinds++;
    }

    private bool OutstandingIsZero()
    {
        foreach (var tunnel in Tunnels)
        {
            if (((EchoTunnel)tunnel).Outstanding > 0)
                return false;
        }
        return true;
    }
}
