using Relay.Native.Linux;
using Relay.Node.Egress;
using Relay.Node.Http3;
using Relay.Node.Io;
using Relay.Node.Server;
using Relay.Node.Tunnels;

namespace Relay.Node.Hosting;

/// <summary>A loop, its listeners and connections, and the thread that turns it.</summary>
internal sealed class LoopThread : IDisposable
{
    private readonly Thread _thread;
    private readonly Action<int, Exception> _onFailed;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _started;
    private CancellationTokenRegistration _hurried;

    internal LoopThread(
        EventLoop loop, Http3Context http3, LoopConnections connections, Action<int, Exception> onFailed)
    {
        Loop = loop;
        Http3 = http3;
        Connections = connections;
        _onFailed = onFailed;
        _thread = new Thread(Run) { Name = $"loop-{loop.Index}", IsBackground = true };
    }

    internal EventLoop Loop { get; }

    internal Http3Context Http3 { get; }

    internal LoopConnections Connections { get; }

    internal List<Listener> Listeners { get; } = [];

    internal List<DatagramSocket> Sockets { get; } = [];

    /// <summary>What accepts TCP connections; null where none is to.</summary>
    internal StreamHost? Streams { get; set; }

    /// <summary>The loop's way to targets.</summary>
    internal required TargetConnector Connector { get; init; }

    internal void Add(Listener listener, DatagramSocket socket)
    {
        Listeners.Add(listener);
        Sockets.Add(socket);
    }

    internal void Start()
    {
        _started = true;
        new LoopSampler(Loop, Connections.Open).Start();
        _thread.Start();
    }

    /// <summary>Runs something on the loop.</summary>
    internal void Post(Action<LoopThread> action) => Loop.Post(() => action(this));

    /// <summary>Gives free memory back. On the loop.</summary>
    internal void Trim()
    {
        Http3.Blocks.Trim();
        UpstreamBlocks.Trim();
    }

    /// <summary>Ends every tunnel; their connections stay, or drain. On the loop.</summary>
    internal void ForceCloseTunnels() => ForceCloseTunnels(0, static (_, _) => true);

    /// <summary>Ends what has its source in a lease, open or on its way. Needs no memory of its own. On the loop.</summary>
    internal void EndTunnelsFrom(EgressLease lease)
    {
        Connector.EndConnecting(lease);
        ForceCloseTunnels(lease, static (tunnel, lease) => tunnel.Egress is { } egress && lease.Contains(egress.Address));
    }

    /// <summary>
    /// Does something on the loop, and again in each turn for as long as there is no memory for it; completes when it is done, or when
    /// the loop has ended.
    /// </summary>
    internal Task RunAsync(Action<LoopThread> action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        PostUntilDone(loop =>
        {
            action(loop);
            done.TrySetResult();
        });
        return Task.WhenAny(done.Task, _ended.Task);
    }

    /// <summary>
    /// GOAWAY to every client; completes when it is written, or when the loop has ended by a failure.
    /// </summary>
    /// <remarks>Parameters as those of <see cref="ConnectionList.Drain"/>.</remarks>
    internal Task AnnounceShutdownAsync(TimeSpan time, double phase)
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        PostUntilDone(loop =>
        {
            loop.Connections.Open.Drain(time, phase);
            loop.PostUntilDone(_ => written.TrySetResult());
        });
        // A loop that failed runs no command any more: a drain must not wait for it.
        return Task.WhenAny(written.Task, _ended.Task);
    }

    /// <summary>
    /// Ends every tunnel and connection, says so to the clients, and ends the loop once those over TCP, of which one that is
    /// still sending could miss it, have heard.
    /// </summary>
    /// <param name="hurry">Does not wait for that.</param>
    internal Task EndAsync(CancellationToken hurry)
    {
        PostUntilDone(loop =>
        {
            loop.Connections.EndsAtOnce = true;
            loop.ForceCloseTunnels();
            loop.ShutDownConnections();
            // The turn after this one writes what they have to say.
            loop.PostUntilDone(next => next.PostUntilDone(last => last.EndOnceHeard(hurry)));
        });
        return Task.Run(_thread.Join, CancellationToken.None);
    }

    private void ShutDownConnections()
    {
        foreach (var connection in Connections.Open)
        {
            try
            {
                connection.Shutdown();
            }
            catch (Exception e)
            {
                connection.OnDefect(e);
            }
        }
    }

    /// <summary>Runs something on the loop, and again in each turn for as long as there is no memory for it.</summary>
    private void PostUntilDone(Action<LoopThread> action)
    {
        Action attempt = null!;
        attempt = () =>
        {
            try
            {
                action(this);
            }
            catch (OutOfMemoryException e)
            {
                Loop.OnOutOfMemory(e);
                Loop.Post(attempt);
            }
        };
        Loop.Post(attempt);
    }

    private void EndOnceHeard(CancellationToken hurry)
    {
        if (Streams is null)
        {
            Loop.Stop();
            return;
        }
        Streams.WhenLeft(Loop.Stop);
        _hurried = hurry.Register(() => Loop.Post(Loop.Stop));
    }

    private void ForceCloseTunnels<T>(T of, Func<Tunnel, T, bool> which)
    {
        foreach (var connection in Connections.Open)
            connection.ForceCloseTunnels(of, which);
        Http3.Context.Tunnels.ForceCloseDetached(of, which);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_started && _thread.IsAlive)
        {
            Loop.Post(Loop.Stop);
            _thread.Join();
        }
        _hurried.Dispose();
        foreach (var listener in Listeners)
            listener.Dispose();
        Streams?.Dispose();
        Loop.Dispose();
        Http3.Blocks.Dispose();
    }

    private void Run()
    {
        // Timers are exact to the microsecond, not to the 50 µs by which the kernel may batch wake-ups.
        _ = ProcessMemory.SetTimerSlack(1);
        try
        {
            Loop.Run();
        }
        catch (Exception e)
        {
            _onFailed(Loop.Index, e);
        }
        _ended.SetResult();
        foreach (var connection in Connections.Open)
        {
            try
            {
                connection.Carrier.Dispose();
            }
            catch (Exception e)
            {
                // It is on no loop any more, whose end it could be; and on a thread of its own it would be that of the process.
                Loop.OnFailure(e);
            }
        }
    }
}
