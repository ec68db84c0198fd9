using Relay.Load.Client;
using Relay.Load.Measure;

namespace Relay.Load.Workloads;

/// <summary>Opens connections and closes each as soon as it takes requests, some at a time.</summary>
internal sealed class HandshakeWorkload(long count, int parallel, RunMeter meter) : Workload
{
    private List<ClientConnection> _ready = [];
    private List<ClientConnection> _closing = [];
    private long _started;
    private long _pending;

    public int Parallel => parallel;

    public LatencyHistogram Latency { get; } = new();

    public long Completed { get; private set; }

    public long Failed { get; private set; }

    /// <summary>Why the first one failed.</summary>
    public string? FirstFailure { get; private set; }

    public override (double Fraction, string Text) Progress =>
        ((double)(Completed + Failed) / count, $"{Completed:N0} of {count:N0} handshakes, {Failed:N0} failed");

    public override void OnStart()
    {
        meter.Begin();
        while (_pending < parallel && _started < count)
            StartOne();
    }

    public override void OnConnectionReady(ClientConnection connection)
    {
        Completed++;
        Latency.Add(Loop.Now - connection.StartedAt);
        meter.Mark(Loop.Now);
        _ready.Add(connection);
    }

    public override void OnConnectionEnded(ClientConnection connection)
    {
        Failed++;
        FirstFailure ??= connection.DescribeEnd();
        OnOneDone();
    }

    public override void OnTurn()
    {
        // What became ready in the last turn has sent its Finished since; closed before, it would be half a handshake.
        foreach (var connection in _closing)
        {
            Loop.Close(connection);
            OnOneDone();
        }
        _closing.Clear();
        (_ready, _closing) = (_closing, _ready);
    }

    public override void OnInterrupt() => End();

    private void StartOne()
    {
        _started++;
        _pending++;
        Loop.Connect();
    }

    private void OnOneDone()
    {
        _pending--;
        if (_started < count)
            StartOne();
        else if (_pending == 0)
            End();
    }

    private void End()
    {
        meter.End();
        Finish();
    }
}
