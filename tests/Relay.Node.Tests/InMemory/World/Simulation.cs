namespace Relay.Node.Tests.InMemory.World;

/// <summary>Takes part in a simulation: has turns, and a time at which it wants the next one.</summary>
internal interface IActor
{
    /// <summary>When it wants a turn by itself; <see cref="ulong.MaxValue"/> for never.</summary>
    ulong Next { get; }

    /// <summary>Does what there is to do at this moment.</summary>
    /// <returns>Whether it did anything that may have given somebody else something to do.</returns>
    bool Turn();
}

/// <summary>
/// The only clock of a test, in nanoseconds, and what happens when: everybody has turns until nobody has anything to
/// do, then time jumps to the next event. No thread, no socket, no wall clock.
/// </summary>
internal sealed class Simulation
{
    /// <summary>Turns at one moment beyond which somebody is taken to spin.</summary>
    private const int MaxTurnsAtOnce = 20_000;

    private readonly PriorityQueue<Action, (ulong Due, long Order)> _events = new();
    private readonly List<IActor> _actors = [];
    private long _order;
    private int _turnsAtOnce;

    public ulong Now { get; private set; } = Time.Seconds(1000);

    public void Add(IActor actor) => _actors.Add(actor);

    public void After(ulong delay, Action action) => _events.Enqueue(action, (Now + delay, _order++));

    /// <summary>Goes on until the condition holds at a moment when nobody has anything to do.</summary>
    /// <param name="until">The condition.</param>
    /// <param name="limit">How long to go on at most.</param>
    /// <returns>Whether the condition holds.</returns>
    public bool Run(Func<bool> until, ulong limit)
    {
        var deadline = Now + limit;
        while (true)
        {
            Settle();
            if (until())
                return true;
            var next = Next;
            if (next > deadline)
            {
                MoveTo(deadline);
                return until();
            }
            MoveTo(Math.Max(next, Now));
            while (_events.TryPeek(out _, out var due) && due.Due <= Now)
                _events.Dequeue()();
        }
    }

    /// <summary>Goes on for a time.</summary>
    public void Run(ulong time) => Run(static () => false, time);

    private ulong Next
    {
        get
        {
            var next = _events.TryPeek(out _, out var due) ? due.Due : ulong.MaxValue;
            foreach (var actor in _actors)
                next = Math.Min(next, actor.Next);
            return next;
        }
    }

    private void MoveTo(ulong time)
    {
        if (time > Now)
            _turnsAtOnce = 0;
        Now = time;
    }

    private void Settle()
    {
        bool busy;
        do
        {
            busy = false;
            for (var i = 0; i < _actors.Count; i++)
                busy |= _actors[i].Turn();
            Assert.True(++_turnsAtOnce < MaxTurnsAtOnce, "Somebody spins: time does not go on.");
        }
        while (busy);
    }
}

/// <summary>Durations in nanoseconds.</summary>
internal static class Time
{
    public static ulong Seconds(double value) => (ulong)(value * 1e9);

    public static ulong Microseconds(double value) => (ulong)(value * 1e3);

    public static ulong Milliseconds(double value) => (ulong)(value * 1e6);
}
