using Relay.Node.Counters;
using Relay.Node.Io;
using Relay.Node.Tunnels;

namespace Relay.Node.Tests.InMemory.World;

/// <summary>An event loop whose clock the simulation sets, and whose phases <see cref="InMemoryNode"/> runs.</summary>
internal sealed class FakeLoop(Simulation simulation) : ILoop
{
    private readonly Queue<(ITurnOwner? Owner, Action Run)> _ready = new();
    private List<IFlushable> _flush = [];
    private List<IFlushable> _flushing = [];
    private ulong _looks;

    public ulong Now => simulation.Now;

    public ulong Clock => simulation.Now + Elapsed + (_looks++ * Work);

    /// <summary>How long turns have taken when work that has a share of them is looked at, in nanoseconds.</summary>
    public ulong Elapsed { get; set; }

    /// <summary>How much later it is with each look at the clock within a turn, in nanoseconds: what work takes.</summary>
    public ulong Work { get; set; }

    public LoopTimers Timers { get; } = new();

    public LoopCounters Counters { get; } = new();

    public RelayHistograms Histograms { get; set; } = RelayHistograms.Off;

    /// <summary>Every tunnel that ended, in order.</summary>
    public List<Tunnel> Ended { get; } = [];

    /// <summary>What threw, in order.</summary>
    public List<Exception> Defects { get; } = [];

    /// <summary>How often there was no memory.</summary>
    public int OutOfMemory { get; private set; }

    /// <summary>What the next request for the flush phase throws.</summary>
    public Exception? FlushFault { get; set; }

    public bool HasWork => _ready.Count > 0 || _flush.Count > 0;

    public void OnDefect(Exception exception)
    {
        Defects.Add(exception);
        Counters.Defects++;
    }

    public void OnOutOfMemory(OutOfMemoryException exception) => OutOfMemory++;

    /// <summary>Like epoll, too: a socket's event, to be told in the next turn.</summary>
    public void Post(ITurnOwner? owner, Action command) => _ready.Enqueue((owner, command));

    public void RequestFlush(IFlushable flow)
    {
        if (FlushFault is { } fault)
        {
            FlushFault = null;
            throw fault;
        }
        _flush.Add(flow);
    }

    public void RunReady()
    {
        _looks = 0;
        for (var left = _ready.Count; left > 0; left--)
            Run(_ready.Dequeue());
    }

    public void RunFlushes()
    {
        (_flush, _flushing) = (_flushing, _flush);
        foreach (var flow in _flushing)
            Flush(flow);
        _flushing.Clear();
    }

    // Without a delegate for each: what a turn allocates is counted.
    private static void Flush(IFlushable flow)
    {
        try
        {
            flow.Flush();
        }
        catch (Exception e) when (flow.Owner is not null)
        {
            flow.Owner.OnDefect(e);
        }
    }

    private static void Run((ITurnOwner? Owner, Action Run) piece)
    {
        try
        {
            piece.Run();
        }
        catch (Exception e) when (piece.Owner is not null)
        {
            piece.Owner.OnDefect(e);
        }
    }
}
