using System.Net;
using Relay.Node.Counters;
using Relay.Node.Io;
using Relay.Node.Sessions;
using Relay.Protocol;

namespace Relay.Node.Tunnels;

/// <summary>One CONNECT or CONNECT-UDP request and its relaying. Belongs to one loop.</summary>
internal abstract class Tunnel : IFlowOwner, IPaced
{
    private readonly LoopTunnels _tunnels;
    private TunnelTrace? _trace;

    /// <summary>Starts a tunnel that waits for its target.</summary>
    /// <param name="request">What asked for it.</param>
    /// <param name="tunnels">Those of its loop.</param>
    /// <param name="counters">The loop's counts of its type.</param>
    protected Tunnel(ITunnelRequest request, LoopTunnels tunnels, TunnelCounters counters)
    {
        Request = request;
        Stream = request.Stream;
        Counters = counters;
        _tunnels = tunnels;
        StartedAt = Loop.Now;
        _trace = TunnelTrace.Start(this is UdpTunnel);
    }

    /// <summary>The connection that asked for it.</summary>
    public required Session Session { get; init; }

    /// <summary>Where it leads.</summary>
    public required TargetAuthority Target { get; init; }

    /// <summary>The loop's counts of tunnels of its type.</summary>
    public TunnelCounters Counters { get; }

    /// <summary>When it was asked for, on the loop's clock in nanoseconds.</summary>
    public ulong StartedAt { get; }

    /// <summary>
    /// Whether it was let through, and so is counted for its session and for whoever that belongs to.
    /// </summary>
    public bool IsCounted { get; set; }

    /// <inheritdoc/>
    public bool AwaitsPace { get; set; }

    /// <summary>Whether it goes on without its client's stream; its connection's limit still counts it.</summary>
    public bool IsDetached { get; private set; }

    /// <summary>Where the tunnel is in its life.</summary>
    public TunnelState State { get; private set; }

    /// <summary>Whether its target was ever there.</summary>
    public bool HasOpened { get; private set; }

    /// <summary>Why it ended; meaningful once closed.</summary>
    public TunnelOutcome Outcome { get; private set; }

    /// <summary>Why the target was not reached, if it was not.</summary>
    public ProxyErrorType Error { get; private set; }

    /// <summary>The address that the target sees; null before it is connected.</summary>
    public IPEndPoint? Egress { get; private set; }

    /// <summary>Bytes relayed toward the target.</summary>
    public long UpstreamBytes { get; private set; }

    /// <summary>Bytes relayed toward the client.</summary>
    public long DownstreamBytes { get; private set; }

    /// <summary>Datagrams relayed toward the target.</summary>
    public long UpstreamDatagrams { get; protected set; }

    /// <summary>Datagrams relayed toward the client.</summary>
    public long DownstreamDatagrams { get; protected set; }

    /// <summary>What asked for it.</summary>
    protected ITunnelRequest Request { get; }

    /// <summary>The client's side.</summary>
    protected ITunnelStream Stream { get; }

    /// <summary>What each source may send to targets that have not answered.</summary>
    protected UnansweredTargets Unanswered => _tunnels.Unanswered;

    /// <summary>Timers, clock, counters.</summary>
    protected ILoop Loop => _tunnels.Loop;

    /// <summary>Whether anybody still waits for the target.</summary>
    public bool IsWaiting => State == TunnelState.Connecting;

    /// <summary>Bytes of the stream's body arrived; valid during the call.</summary>
    public abstract void OnBody(ReadOnlySpan<byte> data);

    /// <summary>The client ended its sending side.</summary>
    public abstract void OnEndOfStream();

    /// <summary>The client reset its sending side, or wants no more for an error.</summary>
    public abstract void OnClientAborted();

    /// <summary>The client wants no more, found out by sending; why is not known yet.</summary>
    public virtual void OnStopSending() => OnClientAborted();

    /// <summary>The stream is gone; what still waits for the target may drain.</summary>
    public abstract void OnStreamClosed(ClientEnd end);

    /// <summary>Goes on without its client's stream.</summary>
    public void Detach()
    {
        // First what may fail for want of memory: who is in no list is never found where a lease, a drain or a session ends.
        _tunnels.OnDetached(this);
        IsDetached = true;
        Session.DetachedTunnels++;
    }

    /// <summary>Gives body bytes to send; bytes written, 0 for none at the moment, −1 at the end.</summary>
    public abstract int PullBody(Span<byte> destination);

    /// <summary>The room that <see cref="PullBody"/> needs to make progress, in bytes.</summary>
    public virtual int NeededRoom => 1;

    /// <summary>An HTTP datagram's payload arrived, context ID included; valid during the call.</summary>
    public abstract void OnDatagram(ReadOnlySpan<byte> datagram);

    /// <inheritdoc/>
    public abstract void OnReadable();

    /// <inheritdoc/>
    public abstract void OnFailed(int errno);

    /// <inheritdoc/>
    public abstract void OnPace();

    /// <summary>The drain deadline has come: ends at once.</summary>
    public abstract void ForceClose();

    // Its connection's end is its own, unless it has outlived that.
    /// <inheritdoc/>
    public void OnDefect(Exception exception)
    {
        Session.Connection.OnDefect(exception);
        if (!IsDetached)
            return;
        try
        {
            ForceClose();
        }
        catch (Exception e)
        {
            Session.Connection.OnDefect(e);
        }
    }

    /// <summary>Bytes went to the target.</summary>
    protected void CountUpstream(int length)
    {
        UpstreamBytes += length;
        Session.UpstreamBytes += length;
        Session.Pace.Pay(length);
        Counters.UpstreamBytes += length;
    }

    /// <summary>Bytes went to the client.</summary>
    protected void CountDownstream(int length)
    {
        DownstreamBytes += length;
        Session.DownstreamBytes += length;
        Session.Pace.Pay(length);
        Counters.DownstreamBytes += length;
    }

    /// <summary>A step of the way to the target begins.</summary>
    public void OnStep(SetUpStep step) => _trace?.Begin(step);

    /// <summary>The target is there.</summary>
    protected void Open(IPEndPoint? egress)
    {
        State = TunnelState.Open;
        HasOpened = true;
        Egress = egress;
        OnStep(SetUpStep.FirstByte);
        Loop.Histograms.OnTunnelOpened(this is UdpTunnel, Loop.Now - StartedAt);
        Loop.Counters.TunnelSetup.Record(Loop.Now - StartedAt);
        if (egress is not null)
            Session.Observer?.OnFlowOpened(Session, egress);
    }

    /// <summary>The target has something to say for the first time.</summary>
    protected void OnFirstByte()
    {
        _trace?.Complete();
        _trace = null;
    }

    /// <summary>The target is not there: ends the tunnel, once.</summary>
    protected bool Refuse(ProxyErrorType error)
    {
        Error = error;
        return End(TunnelOutcome.Refused);
    }

    /// <summary>Ends the tunnel, once.</summary>
    /// <returns>False when it had ended before.</returns>
    protected bool End(TunnelOutcome outcome)
    {
        if (State == TunnelState.Closed)
            return false;
        State = TunnelState.Closed;
        Outcome = outcome;
        try
        {
            Tell(outcome);
        }
        finally
        {
            _tunnels.OnEnded(this);
        }
        return true;
    }

    private void Tell(TunnelOutcome outcome)
    {
        var trace = _trace;
        _trace = null;
        try
        {
            trace?.Fail(outcome, Error);
        }
        finally
        {
            if (Egress is not null)
                Session.Observer?.OnFlowClosed(Session, Egress);
        }
    }
}

/// <summary>The life of a tunnel.</summary>
internal enum TunnelState
{
    /// <summary>Resolving, or connecting to, the target.</summary>
    Connecting,

    /// <summary>Relaying.</summary>
    Open,

    /// <summary>Ended.</summary>
    Closed,
}
