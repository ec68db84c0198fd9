using System.Net;
using System.Net.Sockets;

namespace Relay.Node.Targets;

/// <summary>The system's resolver (getaddrinfo(3)), on threads of its own.</summary>
/// <remarks>On Linux <see cref="Dns.GetHostAddressesAsync(string)"/> blocks a thread of the shared pool for each
/// lookup. The pool starts with one thread a core and grows slowly, so that a few names whose servers do not answer
/// would hold up everything else that runs on it. Here a thread is started when none is idle, and ends after a while
/// without work; how many there are is bounded by who calls, see <see cref="TargetResolverLimits"/>.</remarks>
internal sealed class SystemHostLookup
{
    private static readonly TimeSpan IdleLifetime = TimeSpan.FromSeconds(30);

    private readonly Func<string, AddressFamily, IPAddress[]> _lookup;
    private readonly object _gate = new();

    // Guarded by _gate. _idle counts waiting threads less queued lookups: each of those has a thread to its name.
    private readonly Queue<Work> _queue = new();
    private int _idle;

    /// <summary>The system's resolver; of one family getaddrinfo asks for the records of that alone.</summary>
    public SystemHostLookup()
        : this(Dns.GetHostAddresses)
    {
    }

    /// <summary>Another blocking lookup.</summary>
    internal SystemHostLookup(Func<string, AddressFamily, IPAddress[]> lookup) => _lookup = lookup;

    /// <summary>Threads that wait for work.</summary>
    internal int IdleThreads
    {
        get
        {
            lock (_gate)
                return _idle;
        }
    }

    /// <summary>Looks a name up; a <see cref="HostLookup"/>.</summary>
    public Task<IPAddress[]> LookUpAsync(string host, AddressFamily family)
    {
        var work = new Work(host, family);
        bool handedOver;
        lock (_gate)
        {
            handedOver = _idle > 0;
            if (handedOver)
            {
                _idle--;
                _queue.Enqueue(work);
                Monitor.Pulse(_gate);
            }
        }

        if (!handedOver)
            new Thread(() => Run(work)) { IsBackground = true, Name = "relay-dns" }.Start();
        return work.Completion.Task;
    }

    private void Run(Work? work)
    {
        for (; work is not null; work = TakeNext())
        {
            try
            {
                work.Completion.SetResult(_lookup(work.Host, work.Family));
            }
            catch (Exception exception)
            {
                work.Completion.SetException(exception);
            }
        }
    }

    private Work? TakeNext()
    {
        lock (_gate)
        {
            _idle++;
            while (_queue.Count == 0)
            {
                if (!Monitor.Wait(_gate, IdleLifetime) && _queue.Count == 0)
                {
                    _idle--;
                    return null;
                }
            }

            return _queue.Dequeue();
        }
    }

    private sealed record Work(string Host, AddressFamily Family)
    {
        public TaskCompletionSource<IPAddress[]> Completion { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
