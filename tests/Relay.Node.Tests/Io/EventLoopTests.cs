using Relay.Native.Linux;
using Relay.Node.Counters;
using Relay.Node.Io;

namespace Relay.Node.Tests.Io;

/// <summary>What a loop survives.</summary>
public sealed class EventLoopTests : IDisposable
{
    private readonly TaskCompletionSource<Exception?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly EventLoop _loop;
    private int _reports;

    public EventLoopTests() => _loop = new EventLoop(0, RelayHistograms.Off)
    {
        WhenOutOfMemory = _ => Interlocked.Increment(ref _reports),
    };

    public void Dispose() => _loop.Dispose();

    [Fact]
    public async Task Command_WithoutMemory_CostsNoOther()
    {
        var others = 0;
        for (var i = 0; i < 3; i++)
        {
            _loop.Post(NoMemory);
            _loop.Post(() => others++);
        }
        await RunAsync(() => others == 3);
    }

    [Fact]
    public void Defect_OfWhichNobodyCanBeTold_IsCounted_AndGoesNoFurther()
    {
        using var loop = new EventLoop(0, RelayHistograms.Off) { WhenDefect = static _ => throw new InvalidOperationException() };
        loop.OnDefect(new InvalidOperationException());
        Assert.Equal(1, loop.Counters.Defects);
    }

    // Where memory has just failed, a line of the log may fail as well.
    [Fact]
    public void WantOfMemory_OfWhichNobodyCanBeTold_GoesNoFurther()
    {
        var told = 0;
        using var loop = new EventLoop(0, RelayHistograms.Off)
        {
            WhenOutOfMemory = _ =>
            {
                told++;
                NoMemory();
            },
        };
        loop.OnOutOfMemory(new OutOfMemoryException());
        Assert.Equal(1, told);
    }

    [Fact]
    public async Task Timer_WithoutMemory_CostsNoOther()
    {
        var others = 0;
        for (var i = 0; i < 3; i++)
        {
            _loop.Timers.Set(new ActionTimer(null, NoMemory), 1);
            _loop.Timers.Set(new ActionTimer(null, () => others++), 1);
        }
        await RunAsync(() => others == 3);
    }

    [Fact]
    public async Task Readiness_WithoutMemory_CostsNoOther()
    {
        var others = 0;
        var events = Enumerable.Range(0, 6).Select(_ => new EventFd()).ToArray();
        foreach (var (index, one) in events.Index())
        {
            one.Signal();
            _ = _loop.Watch(one.Fd, EpollInterest.In | EpollInterest.EdgeTriggered,
                new Readiness(index % 2 == 0 ? NoMemory : () => others++));
        }
        await RunAsync(() => others == 3);
        foreach (var one in events)
            one.Dispose();
    }

    [Fact]
    public async Task Flush_WithoutMemory_CostsNoOther()
    {
        var others = 0;
        for (var i = 0; i < 3; i++)
        {
            _loop.RequestFlush(new Flushable(NoMemory));
            _loop.RequestFlush(new Flushable(() => others++));
        }
        await RunAsync(() => others == 3);
    }

    [Fact]
    public async Task Phase_WithoutMemory_CostsNoOther()
    {
        var phase = new Phase();
        _loop.AddPhase(new Phase { Do = NoMemory });
        _loop.AddPhase(phase);
        await RunAsync(() => phase is { Received: >= 3, Written: >= 3 });
    }

    // Also a want of memory: what was begun, and whoever waits for it, would wait for ever.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Failures_CostWhoseTurnTheyAreIn_AndNoOther(bool memory)
    {
        var owner = new Owner();
        var others = 0;
        using var one = new EventFd();
        one.Signal();
        var fail = memory ? NoMemory : (Action)Fail;
        _ = _loop.Watch(one.Fd, EpollInterest.In | EpollInterest.EdgeTriggered, new Readiness(fail) { Owner = owner });
        _loop.Post(owner, fail);
        _loop.Post(() => others++);
        _loop.Timers.Set(new ActionTimer(owner, fail), 1);
        _loop.Timers.Set(new ActionTimer(null, () => others++), 1);
        _loop.RequestFlush(new Flushable(fail) { Owner = owner });
        _loop.RequestFlush(new Flushable(() => others++));
        await RunAsync(() => others == 3, reports: 0);
        Assert.Equal(4, owner.Failures.Count);
        Assert.All(owner.Failures, failure => Assert.Equal(memory, failure is OutOfMemoryException));
    }

    [Fact]
    public async Task Defect_WhoseOwnerHasNoMemoryForItsEnd_EndsNothingElse()
    {
        var others = 0;
        _loop.Post(new Owner { HasMemory = false }, Fail);
        _loop.Post(() => others++);
        await RunAsync(() => others == 1);
    }

    // State of the loop's own that nobody understands is not carried on with: the process ends.
    [Fact]
    public async Task Command_OfTheLoopsOwn_ThatFailsOtherwise_EndsTheLoop()
    {
        _loop.Post(static () => throw new InvalidOperationException());
        StartThread();
        Assert.IsType<InvalidOperationException>(
            await _ended.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
    }

    private static void Fail() => throw new InvalidOperationException();

    private static void NoMemory() => throw new OutOfMemoryException();

    /// <summary>Turns the loop until the condition holds on it.</summary>
    private async Task RunAsync(Func<bool> until, int reports = 1)
    {
        void Look()
        {
            if (until())
                _loop.Stop();
            else
                _loop.Post(Look);
        }
        _loop.Post(Look);
        StartThread();
        Assert.Null(await _ended.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        Assert.InRange(_reports, reports, reports * int.MaxValue);
    }

    private void StartThread() => new Thread(() =>
    {
        try
        {
            _loop.Run();
            _ended.SetResult(null);
        }
        catch (Exception e)
        {
            _ended.SetResult(e);
        }
    }).Start();

    private sealed class Owner : ITurnOwner
    {
        public bool HasMemory { get; init; } = true;

        public List<Exception> Failures { get; } = [];

        public void OnDefect(Exception exception)
        {
            Failures.Add(exception);
            if (!HasMemory)
                NoMemory();
        }
    }

    private sealed class Readiness(Action act) : IReadiness, IOwned
    {
        public ITurnOwner? Owner { get; init; }

        public void OnReady(EpollInterest events) => act();
    }

    // What gathers over a turn, since one call then sends much, is not sent before its end.
    [Fact]
    public void FlushEarly_LeavesWhatGathersForTheEndOfTheTurn()
    {
        var sent = new List<string>();
        foreach (var (name, gathers) in (ReadOnlySpan<(string, bool)>)
            [("a", true), ("b", false), ("c", true), ("d", false)])
            _loop.RequestFlush(new Flushable(() => sent.Add(name)) { GathersOverTurn = gathers });
        _loop.FlushEarly();
        Assert.Equal(["b", "d"], sent);
        _loop.Flush();
        _loop.Flush();
        Assert.Equal(["b", "d", "a", "c"], sent);
    }

    private sealed class Flushable(Action act) : IFlushable
    {
        public ITurnOwner? Owner { get; init; }

        public bool GathersOverTurn { get; init; }

        public void Flush() => act();
    }

    private sealed class Phase : ILoopPhase
    {
        public Action? Do { get; init; }

        public int Received { get; private set; }

        public int Written { get; private set; }

        public bool HasWork => false;

        public bool Receive()
        {
            Do?.Invoke();
            Received++;
            return false;
        }

        public bool Write()
        {
            Do?.Invoke();
            Written++;
            return false;
        }
    }
}
