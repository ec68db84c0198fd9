using Relay.Load.Client;
using Relay.Load.Measure;
using Relay.Load.Targets;
using Relay.Native.Quic;

namespace Relay.Load.Workloads;

/// <summary>Has a target send as fast as it can, and counts and verifies what gets through.</summary>
internal sealed class FloodDownWorkload(DatagramOptions options, long rate, RunMeter meter, UdpSource? source)
    : DatagramWorkload(options, meter)
{
    private const ulong AskInterval = FloodRequest.Life / 4;

    private ulong _askAt;
    private long _receivedBefore;
    private long _sentBefore;
    private long _missingBefore;
    private long _receivedAll;

    public long Received => _receivedAll - _receivedBefore;

    public long Corrupt { get; private set; }

    /// <summary>Datagrams missing between the first and the last one that arrived in each flow.</summary>
    public long Missing => Tunnels.Sum(tunnel => ((FloodDownTunnel)tunnel).Missing) - _missingBefore;

    /// <summary>Datagrams that the built-in target sent; null when the target is somebody else's.</summary>
    public long? Sent { get; private set; }

    /// <summary>What the target is asked for; datagrams a second of each flow, 0 for as many as it can.</summary>
    public FloodRequest Request => new(Options.Size, rate);

    public override (double Fraction, string Text) Progress => AllOpen
        ? (Fraction(Received), $"{Received:N0} received, {(Meter.HasBegun ? Received / Elapsed : 0):N0}/s")
        : base.Progress;

    public void OnReceived(bool intact)
    {
        _receivedAll++;
        if (!intact)
            Corrupt++;
        Meter.Mark(Loop.Now);
    }

    public override void OnTurn()
    {
        if (!AllOpen)
            return;
        if (Loop.Now >= _askAt)
            Ask();
        if (!Meter.HasBegun)
        {
            // The first datagram shows that the flood has begun.
            if (_receivedAll > 0 && Loop.Now >= BeginAt)
                Begin();
            return;
        }
        if (IsStopping || HasLasted || (Options.Count > 0 && Received >= Options.Count))
            End();
    }

    public void OnTooLarge(FloodDownTunnel tunnel) => Fail(SizeText.TooLarge(tunnel, FloodRequest.Length));

    protected override TunnelStream CreateTunnel(ClientConnection connection, int number) =>
        new FloodDownTunnel(this, connection);

    private void Ask()
    {
        _askAt = Loop.Now + AskInterval;
        foreach (var tunnel in Tunnels)
            ((FloodDownTunnel)tunnel).Ask();
    }

    protected override void Begin()
    {
        base.Begin();
        _receivedBefore = _receivedAll;
        _sentBefore = source?.Datagrams ?? 0;
        _missingBefore = Missing;
    }

    protected override void End()
    {
        Sent = source?.Datagrams - _sentBefore;
        base.End();
    }
}

/// <summary>A flow that asks now and then, and listens.</summary>
internal sealed class FloodDownTunnel(FloodDownWorkload run, ClientConnection connection)
    : UdpTunnelStream(connection)
{
    private bool _ask;
    private ulong _first;
    private ulong _last;
    private long _received;

    public long Missing => _received == 0 ? 0 : (long)(_last - _first + 1) - _received;

    protected override int MaxPayload => FloodRequest.Length;

    public void Ask()
    {
        _ask = true;
        QueueSend();
    }

    protected override bool TryPeek(
        Carrier carrier, Span<byte> head, out int headLength, out ReadOnlySpan<byte> body)
    {
        headLength = FloodRequest.Length;
        body = default;
        if (!_ask)
            return false;
        run.Request.Write(head);
        return true;
    }

    public override void Advance(Carrier carrier, DatagramFate fate)
    {
        _ask = false;
        if (fate == DatagramFate.TooLarge)
            run.OnTooLarge(this);
    }

    protected override void OnPayload(ReadOnlySpan<byte> payload, Carrier carrier)
    {
        var intact = PayloadHeader.TryRead(payload, out var header) && header.BodyMatches(payload, run.Options.Size);
        if (intact)
        {
            if (_received++ == 0)
                _first = header.Sequence;
            _last = Math.Max(_last, header.Sequence);
        }
        run.OnReceived(intact);
    }
}
