using Relay.Load.Loop;
using Relay.Load.Measure;
using Relay.Native.Linux;

namespace Relay.Load.Targets;

/// <summary>A target that acts without being sent anything.</summary>
internal interface IActiveTarget
{
    /// <summary>Acts, and says when it wants to act again; <see cref="ulong.MaxValue"/> for not by itself.</summary>
    ulong Act(ulong now);
}

/// <summary>The event loop of the targets, on a thread of its own.</summary>
internal sealed class TargetLoop : IDisposable
{
    private readonly Thread _thread;
    private readonly int? _cpu;
    private readonly List<IActiveTarget> _active = [];
    private volatile bool _stop;
    private volatile string _schedstat = "";

    public TargetLoop(int? cpu)
    {
        _cpu = cpu;
        _thread = new Thread(Run) { Name = "targets", IsBackground = true };
    }

    /// <summary>To be added to before <see cref="Start"/>, and by handlers afterwards.</summary>
    public HandlerTable Handlers { get; } = new();

    public ulong Now { get; private set; } = Clock.Now;

    /// <summary>What ended the loop, other than <see cref="Dispose"/>.</summary>
    public Exception? Error { get; private set; }

    public void AddActive(IActiveTarget target) => _active.Add(target);

    public void Start()
    {
        _thread.Start();
        SpinWait.SpinUntil(() => _schedstat.Length > 0 || !_thread.IsAlive);
    }

    /// <summary>Nanoseconds that the thread was on a processor. Called from any thread.</summary>
    public long ReadCpu() =>
        _schedstat.Length == 0 ? 0 : ProcessUsage.ParseSchedstat(File.ReadAllText(_schedstat));

    public void Dispose()
    {
        _stop = true;
        Handlers.Wake();
        if (_thread.IsAlive)
            _thread.Join();
        Handlers.Dispose();
    }

    private void Run()
    {
        try
        {
            if (_cpu is { } cpu && !ThreadAffinity.TryPin(cpu))
                throw new IOException($"There is no processor {cpu} for the targets.");
            // The link names the thread by process and thread ID: readable from the others.
            var self = new FileInfo("/proc/thread-self").LinkTarget ?? "";
            _schedstat = $"/proc/{self}/schedstat";
            while (!_stop)
                Turn();
        }
        catch (Exception e)
        {
            Error = e;
        }
    }

    private void Turn()
    {
        Now = Clock.Now;
        var next = ulong.MaxValue;
        foreach (var target in _active)
            next = Math.Min(next, target.Act(Now));
        var now = Clock.Now;
        Handlers.WaitAndDispatch(next == ulong.MaxValue ? -1 : next > now ? (long)(next - now) : 0);
    }
}
