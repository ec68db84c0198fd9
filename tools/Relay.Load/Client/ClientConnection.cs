using Relay.Protocol;

namespace Relay.Load.Client;

/// <summary>
/// A connection to the relay, whatever it speaks. What it hears is queued for the loop, which acts on it between reads.
/// </summary>
internal abstract class ClientConnection(ClientLoop loop, int index) : IDisposable
{
    private readonly List<TunnelStream> _resumes = [];

    public ClientLoop Loop { get; } = loop;

    public int Index { get; } = index;

    public ulong StartedAt { get; } = loop.Now;

    public abstract HttpProtocol Protocol { get; }

    /// <summary>Whether it waits in the loop's list of connections to write.</summary>
    public bool Dirty { get; set; }

    public bool HandshakeDone { get; protected set; }

    public bool IsEnded { get; private set; }

    /// <summary>The relay has announced its end: what is open runs on, and nothing more is taken.</summary>
    public bool IsGoingAway { get; internal set; }

    /// <summary>Why payloads of UDP cannot go by it as they are to; null where they can. Known once it is ready.</summary>
    public abstract string? WhyNoUdp { get; }

    /// <summary>The version of TLS.</summary>
    public abstract string TlsVersion { get; }

    /// <summary>The application protocol that was negotiated.</summary>
    public abstract string Alpn { get; }

    /// <summary>The path's round-trip time, in nanoseconds.</summary>
    public abstract ulong RoundTrip { get; }

    /// <summary>
    /// Whether its end is the workload's business: not where it was one tunnel, of which the workload hears by itself.
    /// </summary>
    public virtual bool TellsEnd => true;

    /// <summary>Asks for a tunnel; false when the relay takes no more, at the moment or at all.</summary>
    public abstract bool TryOpen(
        TunnelRequest request, Func<ClientConnection, TunnelStream> create, out TunnelStream? tunnel);

    /// <summary>Says in words why it ended.</summary>
    public abstract string DescribeEnd();

    /// <summary>Says in words with what a tunnel of it ended.</summary>
    public abstract string DescribeTunnelEnd(ulong code);

    /// <summary>Continues from another UDP port, as behind a NAT that forgot its mapping.</summary>
    public virtual void Rebind() => throw new NotSupportedException("TCP has no other port to go on from.");

    /// <summary>The tunnel has a datagram to send.</summary>
    public virtual void QueueSender(UdpTunnelStream tunnel) => QueueResume(tunnel);

    /// <summary>The tunnel has bytes to send. One call of the engine for a batch of them is enough.</summary>
    public void QueueResume(TunnelStream tunnel)
    {
        if (tunnel.ResumeQueued)
            return;
        tunnel.ResumeQueued = true;
        _resumes.Add(tunnel);
        Loop.MarkDirty(this);
    }

    public void Report(TunnelStream tunnel, TunnelEvent what) => Loop.Report(tunnel, what);

    /// <summary>Writes what there is to say, as far as the path takes it.</summary>
    internal abstract void WriteTurn();

    /// <summary>The loop ends it: in order where <see cref="Close"/> was called.</summary>
    internal abstract void OnFinish();

    /// <summary>Ends it in order.</summary>
    internal abstract void Close();

    protected void ResumeTunnels()
    {
        foreach (var tunnel in _resumes)
        {
            tunnel.ResumeQueued = false;
            tunnel.Link.Resume();
        }
        _resumes.Clear();
    }

    public void Dispose()
    {
        IsEnded = true;
        Release();
    }

    /// <summary>Closes the tunnels that are left, and frees what it has.</summary>
    protected abstract void Release();
}
