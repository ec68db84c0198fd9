using Relay.Load.Client;
using Relay.Load.Measure;
using Relay.Load.Targets;
using Relay.Native.Quic;

namespace Relay.Load.Workloads;

/// <summary>Sends as fast as the connection lets it, to a target that counts.</summary>
internal sealed class FloodUpWorkload(DatagramOptions options, RunMeter meter, UdpSink? sink)
    : DatagramWorkload(options, meter)
{
    /// <summary>How long the target must have been silent for the rest to count as lost.</summary>
    private const ulong Silence = 300_000_000;

    private ulong _lastArrival;
    private ulong _sentBefore;
    private long _deliveredBefore;
    private long _lastDelivered;
    private ulong _sentAll;

    /// <summary>Datagrams that went into packets, in the measured part.</summary>
    public long Sent => (long)(_sentAll - _sentBefore);

    /// <summary>Datagrams that the built-in target received; null when the target is somebody else's.</summary>
    public long? Delivered => sink is null ? null : sink.Datagrams - _deliveredBefore;

    /// <summary>Datagrams that were sent and did not arrive, warm-up included; null when nobody can tell.</summary>
    public long? Lost => sink is null ? null : (long)_sentAll - sink.Datagrams;

    public bool MaySend => !IsStopping;

    /// <summary>Whether the target answers what comes first.</summary>
    public bool IsAnswered => sink is not null;

    public override (double Fraction, string Text) Progress => AllOpen
        ? (Fraction(Sent), $"{Sent:N0} sent" + (Delivered is { } delivered ? $", {delivered:N0} delivered" : ""))
        : base.Progress;

    public void OnSent(FloodUpTunnel tunnel, DatagramFate fate)
    {
        _sentAll++;
        if (fate == DatagramFate.TooLarge)
            Fail(SizeText.TooLarge(tunnel, Options.Size));
        if (Options.Count > 0 && Meter.HasBegun && Sent >= Options.Count)
            IsStopping = true;
    }

    public override void OnTurn()
    {
        if (AllOpen && !Meter.HasBegun && Loop.Now >= BeginAt)
            Begin();
    }

    public override void OnTick()
    {
        base.OnTick();
        if (!Meter.HasBegun)
            return;
        IsStopping |= HasLasted;
        var delivered = sink?.Datagrams ?? (long)_sentAll;
        if (delivered != _lastDelivered)
        {
            _lastDelivered = delivered;
            _lastArrival = Loop.Now;
            Meter.Mark(Loop.Now);
        }
        if (IsStopping && Loop.Now - _lastArrival >= Silence)
            End();
    }

    protected override TunnelStream CreateTunnel(ClientConnection connection, int number) =>
        new FloodUpTunnel(this, connection, number);

    protected override void Begin()
    {
        base.Begin();
        _lastArrival = Loop.Now;
        _sentBefore = _sentAll;
        _deliveredBefore = _lastDelivered = sink?.Datagrams ?? 0;
    }
}

/// <summary>A flow that always has another datagram.</summary>
internal sealed class FloodUpTunnel(FloodUpWorkload run, ClientConnection connection, int flow)
    : UdpTunnelStream(connection)
{
    /// <summary>
    /// What may come before the answer: a relay bounds what goes to a target that has never answered, and would drop the
    /// rest.
    /// </summary>
    private const ulong FirstFlight = 64;

    private ulong _sequence = 1;
    private bool _answered;

    protected override int MaxPayload => run.Options.Size;

    protected override bool TryPeek(
        Carrier carrier, Span<byte> head, out int headLength, out ReadOnlySpan<byte> body)
    {
        headLength = 0;
        body = default;
        if (!run.MaySend || (run.IsAnswered && !_answered && _sequence > FirstFlight))
            return false;
        new PayloadHeader(_sequence, (uint)flow, 0).Write(head);
        headLength = PayloadHeader.Size;
        body = BytePattern.Body(_sequence, run.Options.Size - PayloadHeader.Size);
        return true;
    }

    public override void Advance(Carrier carrier, DatagramFate fate)
    {
        _sequence++;
        run.OnSent(this, fate);
    }

    protected override void OnPayload(ReadOnlySpan<byte> payload, Carrier carrier)
    {
        _answered = true;
        QueueSend();
    }
}
