namespace Relay.Load.Client;

/// <summary>What a run does with connections and tunnels, on the loop's thread, between packets.</summary>
internal abstract class Workload
{
    private ClientLoop? _loop;

    /// <summary>The loop that runs it.</summary>
    public ClientLoop Loop => _loop ?? throw new InvalidOperationException("The workload does not run.");

    /// <summary>The loop ends when this is true.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Why the run failed, or null.</summary>
    public string? Failure { get; private set; }

    /// <summary>How far the run is, for another thread to show; the fraction is negative where it has no end.</summary>
    public virtual (double Fraction, string Text) Progress => (-1, "");

    internal void Attach(ClientLoop loop) => _loop = loop;

    /// <summary>The loop has started.</summary>
    public abstract void OnStart();

    /// <summary>A connection takes requests.</summary>
    public virtual void OnConnectionReady(ClientConnection connection)
    {
    }

    /// <summary>A connection ended, other than by the end of the run. It is disposed afterwards.</summary>
    public virtual void OnConnectionEnded(ClientConnection connection) => Fail(connection.DescribeEnd());

    public virtual void OnStreamsAvailable(ClientConnection connection)
    {
    }

    public virtual void OnTunnelOpened(TunnelStream tunnel)
    {
    }

    public virtual void OnTunnelRefused(TunnelStream tunnel)
    {
    }

    public virtual void OnTunnelClosed(TunnelStream tunnel)
    {
    }

    /// <summary>After the packets of each turn of the loop were read.</summary>
    public virtual void OnTurn()
    {
    }

    /// <summary>About a hundred times a second.</summary>
    public virtual void OnTick()
    {
    }

    /// <summary>Somebody asked the run to end early.</summary>
    public virtual void OnInterrupt() => Finish();

    protected void Finish() => IsFinished = true;

    protected void Fail(string reason)
    {
        if (IsFinished)
            return;
        Failure = reason;
        IsFinished = true;
        OnFailed();
    }

    /// <summary>The run has just failed: what was measured until now may still be told.</summary>
    protected virtual void OnFailed()
    {
    }
}
