using Relay.Native.Linux;
using Relay.Node.Http3;
using Relay.Node.Io;
using Relay.Node.Tunnels;

namespace Relay.Node.Quic;

/// <summary>A loop, its listeners and connections, and the thread that turns it.</summary>
internal sealed class LoopThread : IDisposable
{
    private readonly Thread _thread;
    private readonly Action<int, Exception> _onFailed;
    private bool _started;

    internal LoopThread(EventLoop loop, ConnectionContext context, Action<int, Exception> onFailed)
    {
        Loop = loop;
        Context = context;
        _onFailed = onFailed;
        _thread = new Thread(Run) { Name = $"loop-{loop.Index}", IsBackground = true };
    }

    internal EventLoop Loop { get; }

    internal ConnectionContext Context { get; }

    internal ConnectionTable Connections { get; } = new();

    internal List<Listener> Listeners { get; } = [];

    internal List<DatagramSocket> Sockets { get; } = [];

    internal void Add(Listener listener, DatagramSocket socket)
    {
        Listeners.Add(listener);
        Sockets.Add(socket);
    }

    internal void Start()
    {
        _started = true;
        _thread.Start();
    }

    /// <summary>Runs something on the loop.</summary>
    internal void Post(Action<LoopThread> action) => Loop.Post(() => action(this));

    /// <summary>Gives free memory back. On the loop.</summary>
    internal void Trim()
    {
        Context.Blocks.Trim();
        UpstreamBlocks.Trim();
    }

    /// <summary>GOAWAY to every client. On the loop.</summary>
    internal void AnnounceShutdown()
    {
        foreach (var connection in Connections.Open)
            connection.Drain();
    }

    /// <summary>Ends every tunnel and connection, says so to the clients, and ends the loop.</summary>
    /// <returns>The number of tunnels that were ended by force.</returns>
    internal async Task<int> EndAsync()
    {
        var forced = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(loop =>
        {
            var count = 0;
            foreach (var connection in loop.Connections.Open)
            {
                count += connection.ForceCloseTunnels();
                connection.Shutdown();
            }
            // The turn after this one writes what they have to say.
            loop.Loop.Post(() => loop.Loop.Post(loop.Loop.Stop));
            forced.SetResult(count);
        });
        var result = await forced.Task.ConfigureAwait(false);
        await Task.Run(_thread.Join).ConfigureAwait(false);
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_started && _thread.IsAlive)
        {
            Loop.Post(Loop.Stop);
            _thread.Join();
        }
        foreach (var listener in Listeners)
            listener.Dispose();
        Loop.Dispose();
        Context.Blocks.Dispose();
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
        foreach (var connection in Connections.Open)
            connection.Dispose();
    }
}
