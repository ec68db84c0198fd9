using Relay.Load.Client;
using Relay.Load.Measure;

namespace Relay.Load.Workloads;

/// <summary>Opens many connections, leaves them alone for a time, and closes them in order.</summary>
internal sealed class IdleWorkload(int count, int parallel, TimeSpan hold, RunMeter meter) : Workload
{
    /// <summary>
    /// How long the relay gets to forget the connections: after their close, it remembers them for three probe timeouts
    /// (RFC 9000 §10.2).
    /// </summary>
    private const ulong Forgetting = 2_000_000_000;

    private readonly List<ClientConnection> _open = [];
    private int _started;
    private ulong _holdUntil;
    private ulong _endAt;

    public int Opened { get; private set; }

    /// <summary>Connections that ended while they were held.</summary>
    public int LostWhileHeld { get; private set; }

    public double OpenSeconds { get; private set; }

    /// <summary>KiB, with every connection open.</summary>
    public long RelayResidentOpen { get; private set; }

    /// <summary>KiB, at the end of the hold.</summary>
    public long RelayResidentHeld { get; private set; }

    public override (double Fraction, string Text) Progress =>
        ((double)Opened / count, _holdUntil == 0 ? $"{Opened:N0} of {count:N0} open" : $"holding {_open.Count:N0}");

    public override void OnStart()
    {
        meter.Begin();
        while (_started < Math.Min(parallel, count))
            StartOne();
    }

    public override void OnConnectionReady(ClientConnection connection)
    {
        _open.Add(connection);
        Opened++;
        if (_started < count)
            StartOne();
        if (Opened < count)
            return;
        meter.Mark(Loop.Now);
        OpenSeconds = meter.Seconds;
        RelayResidentOpen = meter.ReadResident();
        _holdUntil = Loop.Now + (ulong)(hold.Ticks * 100);
    }

    public override void OnConnectionEnded(ClientConnection connection)
    {
        if (_holdUntil == 0)
        {
            Fail($"connection {Opened + 1} of {count}: {connection.DescribeEnd()}");
            return;
        }
        LostWhileHeld++;
        _open.Remove(connection);
    }

    public override void OnTick()
    {
        if (_endAt > 0)
        {
            if (Loop.Now < _endAt)
                return;
            meter.End();
            Finish();
        }
        else if (_holdUntil > 0 && Loop.Now >= _holdUntil)
        {
            CloseAll();
        }
    }

    public override void OnInterrupt()
    {
        if (_holdUntil == 0)
            Fail("interrupted before all connections were open");
        else if (_endAt == 0)
            CloseAll();
    }

    private void StartOne()
    {
        _started++;
        Loop.Connect();
    }

    private void CloseAll()
    {
        RelayResidentHeld = meter.ReadResident();
        foreach (var connection in _open)
            Loop.Close(connection);
        _open.Clear();
        _endAt = Loop.Now + Forgetting;
    }
}
