using Relay.Load.Client;
using Relay.Load.Measure;
using Relay.Native.Quic;

namespace Relay.Load.Workloads;

/// <summary>What an echo run does besides.</summary>
internal sealed record EchoOptions
{
    /// <summary>Datagrams outstanding in each flow.</summary>
    public int Window { get; init; } = 64;

    /// <summary>Move to another UDP port after so many echoes; 0 for never.</summary>
    public long RebindEvery { get; init; }

    /// <summary>When a datagram without an echo is given up.</summary>
    public TimeSpan LossTimeout { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>Keeps a window of datagrams in flight to an echo target, and verifies every echo.</summary>
internal sealed class EchoWorkload(DatagramOptions options, EchoOptions echo, RunMeter meter)
    : DatagramWorkload(options, meter)
{
    private readonly ulong _lossTimeout = (ulong)(echo.LossTimeout.Ticks * 100);
    private long _sentBefore;
    private long _rebindCountdown = echo.RebindEvery;

    public EchoOptions Echo => echo;

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
    public bool MaySend => !IsStopping && (Options.Count == 0 || !Meter.HasBegun || Sent - _sentBefore < Options.Count);

    public override (double Fraction, string Text) Progress => AllOpen
        ? (Fraction(Echoes), $"{Echoes:N0} echoes, {(Meter.HasBegun ? Echoes / Elapsed : 0):N0}/s, {Lost:N0} lost")
        : base.Progress;

    public void OnSent(EchoTunnel tunnel, Carrier carrier, DatagramFate fate)
    {
        Sent++;
        if (carrier == Carrier.Capsule)
            SentByCapsule++;
        if (fate == DatagramFate.TooLarge)
            Fail(SizeText.TooLarge(tunnel, Options.Size));
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
        if (echo.RebindEvery > 0 && _rebindCountdown <= 0)
            Rebind();
        if (!Meter.HasBegun && Loop.Now >= BeginAt)
            Begin();
        IsStopping |= HasLasted;
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

    protected override TunnelStream CreateTunnel(ClientConnection connection, int number) =>
        new EchoTunnel(this, connection, number);

    protected override void Begin()
    {
        base.Begin();
        _sentBefore = Sent;
        // What was answered so far is the warm-up's; what is in flight will be counted.
        Echoes = EchoesByCapsule = 0;
        Latency.Clear();
    }

    private void Rebind()
    {
        _rebindCountdown = echo.RebindEvery;
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
