using Relay.Load.Client;
using Relay.Load.Measure;

namespace Relay.Load.Workloads;

/// <summary>What a TCP transfer does.</summary>
internal sealed record TransferOptions : TunnelOptions
{
    /// <summary>Bytes of each flow.</summary>
    public long BytesPerFlow { get; init; } = 1 << 30;

    public VerifyMode Verify { get; init; } = VerifyMode.Checksum;

    /// <summary>From the client to the target, or the other way.</summary>
    public bool Upward { get; init; }
}

/// <summary>Moves a known stream through TCP tunnels and compares the digests of both ends.</summary>
internal sealed class TransferWorkload(TransferOptions options, RunMeter meter)
    : TunnelWorkload(options, meter)
{
    private int _complete;

    public TransferOptions Options => options;

    /// <summary>Bytes that the client sent or received.</summary>
    public long Bytes { get; private set; }

    public long TotalBytes => options.BytesPerFlow * options.Flows;

    public IEnumerable<TransferTunnel> Transfers => Tunnels.Cast<TransferTunnel>();

    public override (double Fraction, string Text) Progress => AllOpen
        ? ((double)Bytes / Math.Max(1, TotalBytes), $"{Bytes / 1048576.0:N0} of {TotalBytes / 1048576.0:N0} MiB")
        : base.Progress;

    /// <summary>Tunnels wait for each other, so that what is measured is the transfer.</summary>
    public bool MayTransfer => AllOpen;

    public void OnBytes(int length)
    {
        Bytes += length;
        // Each of them counts: a transfer that breaks off has taken until its last byte.
        Meter.Mark(Loop.Now);
    }

    public void OnComplete()
    {
        Meter.Mark(Loop.Now);
        _complete++;
    }

    public override void OnTurn()
    {
        if (_complete < options.Flows || IsFinished)
            return;
        End();
    }

    public override void OnTunnelClosed(TunnelStream tunnel)
    {
        if (tunnel is TransferTunnel { IsComplete: false })
            base.OnTunnelClosed(tunnel);
    }

    protected override TunnelRequest CreateRequest() => TunnelRequest.Tcp(Loop.Config, options.Target);

    protected override TunnelStream CreateTunnel(ClientConnection connection, int number) => options.Upward
        ? new TransferUpTunnel(this, connection)
        : new TransferDownTunnel(this, connection);

    protected override void OnAllOpen()
    {
        Meter.Begin();
        foreach (var tunnel in Tunnels)
            tunnel.Client.QueueResume(tunnel);
    }
}
