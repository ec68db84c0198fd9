using System.Collections.Concurrent;
using Relay.Native.Linux;
using Relay.Node.Counters;

namespace Relay.Node.Io;

/// <summary>
/// One thread with its own sockets and timers, and what hangs on them. Nothing in it is shared: no lock, no await, no
/// allocation for each packet. Other threads reach it only through <see cref="ILoop.Post"/>.
/// </summary>
/// <remarks>
/// A turn, in this order: wait; receive QUIC; note which targets have something; fire timers; write every dirty
/// connection once, datagrams before streams, pulling each from its target's socket as it goes into a packet; send;
/// flush to targets; run posted commands. Pulling in the write phase is what makes the kernel's buffer the only queue.
/// </remarks>
internal sealed partial class EventLoop : ILoop, IDisposable
{
    private const int MaxEvents = 256;

    private readonly Epoll _epoll = new();
    private readonly EventFd _wake = new();
    private readonly ReadinessTable _watched = new();
    private readonly EpollReady[] _events = new EpollReady[MaxEvents];
    private readonly ConcurrentQueue<(ITurnOwner? Owner, Action Run)> _commands = new();
    private readonly List<ILoopPhase> _phases = [];
    private readonly List<IFlushable> _flushes = [];
    private int _wakePending;
    private bool _stopping;

    /// <summary>Creates a loop; <see cref="Run"/> turns it.</summary>
    /// <param name="index">Its number, from 0; the first byte of its connection IDs.</param>
    /// <param name="histograms">Where durations go.</param>
    internal EventLoop(int index, RelayHistograms histograms)
    {
        Index = index;
        Histograms = histograms;
        Now = Clock;
        _ = Watch(_wake.Fd, EpollInterest.In | EpollInterest.EdgeTriggered, new WakeUp(_wake));
    }

    /// <summary>The loop's number.</summary>
    internal int Index { get; }

    /// <inheritdoc/>
    /// <remarks>Set by each turn; and by a test in the place of turns.</remarks>
    public ulong Now { get; internal set; }

    /// <inheritdoc/>
    public ulong Clock => Native.Linux.Clock.Now;

    /// <inheritdoc/>
    public LoopTimers Timers { get; } = new();

    /// <inheritdoc/>
    public LoopCounters Counters { get; } = new();

    /// <inheritdoc/>
    public RelayHistograms Histograms { get; }

    /// <summary>When the loop last began a turn, on the monotonic clock in nanoseconds; for liveness.</summary>
    internal ulong Heartbeat => Volatile.Read(ref _heartbeat);

    /// <summary>Commands that wait. From any thread.</summary>
    internal int Backlog => _commands.Count;

    /// <summary>Datagrams that wait for the flush phase.</summary>
    internal SegmentPool Segments { get; } = new();

    /// <summary>The receive batch of target sockets.</summary>
    internal SharedReceive SharedReceive { get; } = new();

    private ulong _heartbeat;

    /// <summary>Adds what takes part in every turn. Before <see cref="Run"/>, or on the loop.</summary>
    internal void AddPhase(ILoopPhase phase) => _phases.Add(phase);

    /// <summary>Watches a descriptor.</summary>
    /// <returns>The token that <see cref="Unwatch"/> needs.</returns>
    /// <exception cref="SocketSystemException">The kernel watches no more (ENOSPC, ENOMEM).</exception>
    internal ulong Watch<T>(int fd, EpollInterest interest, T target)
        where T : IReadiness, IOwned
    {
        var token = _watched.Add(target);
        try
        {
            _epoll.Add(fd, interest, token);
        }
        catch (SocketSystemException)
        {
            _watched.Remove(token);
            throw;
        }
        return token;
    }

    /// <summary>Watches a descriptor no more; before it is closed.</summary>
    internal void Unwatch(int fd, ulong token)
    {
        _watched.Remove(token);
        _ = _epoll.Remove(fd);
    }

    /// <inheritdoc/>
    public void RequestFlush(IFlushable flow) => _flushes.Add(flow);

    /// <summary>Sends everything that waits for targets: at the end of a turn, or when its memory is full.</summary>
    internal void Flush()
    {
        for (var i = 0; i < _flushes.Count; i++)
            Flush(_flushes[i]);
        _flushes.Clear();
        Segments.Reset();
        Counters.TargetGsoFallbacks = Segments.GsoFallbacks;
    }

    /// <summary>Sends, while it is in the cache, what does not gather over the turn.</summary>
    internal void FlushEarly()
    {
        var kept = 0;
        for (var i = 0; i < _flushes.Count; i++)
        {
            if (_flushes[i].GathersOverTurn)
                _flushes[kept++] = _flushes[i];
            else
                Flush(_flushes[i]);
        }
        _flushes.RemoveRange(kept, _flushes.Count - kept);
    }

    /// <summary>Runs something of the loop's own on it, after the current turn. From any thread.</summary>
    internal void Post(Action command) => Post(null, command);

    /// <inheritdoc/>
    public void Post(ITurnOwner? owner, Action command)
    {
        _commands.Enqueue((owner, command));
        if (Interlocked.Exchange(ref _wakePending, 1) == 0)
            _wake.Signal();
    }

    /// <summary>Ends <see cref="Run"/> after the current turn. On the loop.</summary>
    internal void Stop() => _stopping = true;

    /// <summary>Turns until <see cref="Stop"/>.</summary>
    internal void Run()
    {
        var busy = false;
        // What came before is no turn.
        Now = Clock;
        while (!_stopping)
        {
            var ready = Wait(busy);
            Volatile.Write(ref _heartbeat, Now);
            for (var i = 0; i < ready; i++)
                Tell(_events[i]);
            busy = ready == MaxEvents;
            foreach (var phase in _phases)
                busy |= Receive(phase);
            busy |= FireTimers();
            foreach (var phase in _phases)
                busy |= Write(phase);
            Flush();
            RunCommands();
            // A flush or a command may have given a connection something to say, and a command a target.
            foreach (var phase in _phases)
                busy |= phase.HasWork;
            busy |= _flushes.Count > 0;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _wake.Dispose();
        _epoll.Dispose();
    }

    /// <summary>Waits for events, unless the loop is busy, and begins a turn.</summary>
    private int Wait(bool busy)
    {
        var began = Now;
        if (busy)
        {
            var found = _epoll.Wait(_events, 0);
            Now = Clock;
            Counters.Usage.AddBusy(Now - began);
            return found;
        }
        var before = Clock;
        var ready = _epoll.Wait(_events, Timeout(before));
        Now = Clock;
        Counters.Usage.AddBusy(before - began);
        Counters.Usage.AddWaited(Now - before);
        return ready;
    }

    private long Timeout(ulong now)
    {
        var next = Timers.Next;
        if (next == ulong.MaxValue)
            return IdleTurn;
        return next <= now ? 0 : (long)Math.Min(next - now, IdleTurn);
    }

    /// <summary>An idle loop turns once a second, so that its heartbeat says that it can.</summary>
    private const long IdleTurn = 1_000_000_000;

    private void RunCommands()
    {
        if (Volatile.Read(ref _wakePending) == 0)
            return;
        // A full fence: were the queue looked at before this is seen, a command could come in between, and wake nobody.
        _ = Interlocked.Exchange(ref _wakePending, 0);
        // What a command posts runs in the next turn.
        for (var left = _commands.Count; left > 0 && _commands.TryDequeue(out var command); left--)
        {
            try
            {
                command.Run();
            }
            catch (Exception e)
            {
                if (!TryBear(e, command.Owner))
                    throw;
            }
        }
    }

    private sealed class WakeUp(EventFd wake) : IReadiness, IOwned
    {
        public ITurnOwner? Owner => null;

        public void OnReady(EpollInterest events) => wake.Drain();
    }
}

/// <summary>What takes part in every turn of a loop: a listener.</summary>
internal interface ILoopPhase
{
    /// <summary>Whether it wants the next turn without waiting.</summary>
    bool HasWork { get; }

    /// <summary>Receives what is there, bounded.</summary>
    /// <returns>Whether there is more.</returns>
    bool Receive();

    /// <summary>Writes what there is to say, once for each connection.</summary>
    /// <returns>Whether there is more.</returns>
    bool Write();
}
