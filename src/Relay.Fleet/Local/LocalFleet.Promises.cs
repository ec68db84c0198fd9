using Relay.Fleet.Contract;
using Relay.Fleet.State;

namespace Relay.Fleet.Local;

/// <content>
/// Nothing is told before the store has the state with it: each answer waits until what was decided by then is written. What
/// is decided during one write is written by the next. Where the store does not take a write, the fleet goes back to what it
/// last took, renews what is held, and changes nothing until a write is taken again.
/// </content>
public sealed partial class LocalFleet
{
    private static readonly FleetWarning NoPersistence = new(
        "no-persistence",
        "this fleet is coordinated in the memory of one process: its pools, limits and drains end with it");

    private readonly IFleetStore? _store;
    private readonly List<Answer> _waiting = [];
    private readonly List<FleetEvent> _telling = [];
    private readonly List<(long Revision, FleetEvent Event)> _untold = [];
    // Who left in order while it took part in a drain, as it then was; nobody tells that again.
    private readonly Dictionary<string, NodeInfo> _left = new(StringComparer.Ordinal);
    private FleetState _written;
    private long _writtenRevision;
    private Task _writing = Task.CompletedTask;
    private bool _isWriting;
    private long _writingSince;
    private string? _fault;

    // As many reports as a node may miss.
    private TimeSpan WritePatience => 3 * _timings.ReportInterval;

    // The store does not take what is decided.
    private bool IsHeldUp => _fault is not null;

    private string HeldUp => $"nothing new is promised, since the fleet's state is not written: {_fault ?? "its write takes long"}";

    private IEnumerable<FleetWarning> StoreWarnings =>
        _store is null ? [NoPersistence]
        : _fault is null ? []
        : [new FleetWarning(
            "state-not-written",
            $"the fleet's state is not written, and is tried again; what is held is renewed, and nothing else is granted or changed: {_fault}")];

    /// <summary>Completes when what was decided by now is written, or is not going to be.</summary>
    public Task FlushAsync()
    {
        lock (_gate)
            return _writing;
    }

    private ValueTask<T> ReadAsync<T>(Func<DateTimeOffset, T> read) => AnswerAsync(read, read);

    private ValueTask<FleetResult<T>> ChangeAsync<T>(Func<DateTimeOffset, FleetResult<T>> change) =>
        AnswerAsync(change, _ => FleetResult.Unavailable<T>(HeldUp));

    // Gives what was decided once it is written; where it is not, what can be said without.
    private ValueTask<T> AnswerAsync<T>(Func<DateTimeOffset, T> decide, Func<DateTimeOffset, T> whenHeldUp)
    {
        lock (_gate)
        {
            var now = Now;
            if (IsHeldUp)
                return ValueTask.FromResult(whenHeldUp(now));
            var value = decide(now);
            if (Settle())
                return ValueTask.FromResult(value);
            if (IsHeldUp)
                return ValueTask.FromResult(whenHeldUp(now));
            var answer = new Answer<T>(Revision, value, whenHeldUp);
            _waiting.Add(answer);
            return new ValueTask<T>(answer.Task);
        }
    }

    // Whether all that was decided is written; begins to write where it is not.
    private bool Settle()
    {
        if (_store is null)
            _users.ForgetRemoved(long.MaxValue);
        if (_store is null || IsHeldUp || Revision == _writtenRevision)
        {
            Publish(_telling);
            _telling.Clear();
            return true;
        }
        var revision = Revision;
        _untold.AddRange(_telling.Select(happened => (revision, happened)));
        _telling.Clear();
        BeginWriting();
        return !IsHeldUp && Revision == _writtenRevision;
    }

    private void BeginWriting()
    {
        if (_isWriting)
            return;
        _isWriting = true;
        _writing = WriteAsync();
    }

    private async Task WriteAsync()
    {
        for (var goesOn = true; goesOn;)
        {
            FleetState state;
            long revision;
            lock (_gate)
            {
                (state, revision) = (ToState(), Revision);
                _writingSince = _time.GetTimestamp();
            }
            string? fault = null;
            try
            {
                await _store!.WriteAsync(state).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                fault = e.Message;
            }
            lock (_gate)
                goesOn = _isWriting = OnWritten(state, revision, fault);
        }
    }

    // Whether there is more to write.
    private bool OnWritten(FleetState state, long revision, string? fault)
    {
        if (fault is not null)
        {
            GoBack(fault);
            return false;
        }
        if (IsHeldUp)
        {
            // It was given up before it was done: the store has what the fleet has gone back from. That was told to nobody, and is
            // undone by the next write; if that one is given up as well, this is no state to go back to.
            GoOn();
            _own++;
            _writingSince = _time.GetTimestamp();
            return true;
        }
        (_written, _writtenRevision) = (state, revision);
        _users.ForgetRemoved(state.Users!.Version);
        foreach (var answer in _waiting)
        {
            if (answer.Revision <= revision)
                answer.Give();
        }
        _waiting.RemoveAll(answer => answer.Revision <= revision);
        Publish(_untold.Where(untold => untold.Revision <= revision).Select(static untold => untold.Event));
        _untold.RemoveAll(untold => untold.Revision <= revision);
        if (Revision != revision)
            return true;
        _left.Clear();
        return false;
    }

    // A store that hangs is as one that refuses: what is held has to be renewed meanwhile.
    private void WatchWriting(DateTimeOffset now)
    {
        if (_writing.IsFaulted)
            throw new InvalidOperationException("the fleet's state cannot be told", _writing.Exception);
        if (_isWriting && !IsHeldUp && _time.GetElapsedTime(_writingSince) >= WritePatience)
            GoBack($"a write takes longer than {WritePatience.TotalSeconds:0.#} s");
    }

    private void GoBack(string fault)
    {
        var isNew = !IsHeldUp;
        _fault = fault;
        if (!isNew)
            return;
        var now = Now;
        var recovering = _allocators.Values.Where(pool => pool.IsRecovering(now)).Select(static pool => pool.Pool.Name).ToHashSet();
        GoOnFrom(_written, now);
        // What shows that grants were lost is not forgotten.
        foreach (var pool in _allocators.Values.Where(pool => recovering.Contains(pool.Pool.Name) && !pool.IsRecovering(now)))
            pool.Recover(now);
        // What was decided did not happen; what nodes said did.
        Publish(_untold.Select(static untold => untold.Event).Concat(_telling)
            .Where(static happened => happened.Kind is FleetEventKind.Node or FleetEventKind.Rate));
        _untold.Clear();
        _telling.Clear();
        Answer[] waiting = [.. _waiting];
        _waiting.Clear();
        foreach (var answer in waiting)
            answer.GiveWhenHeldUp(now);
    }

    private void GoOn()
    {
        _fault = null;
        var now = Now;
        foreach (var (node, info) in _left)
        {
            if (_registry.Find(node) is null)
                PlanOf(node)?.ObserveLeft(info, now);
        }
        foreach (var node in _registry.Nodes.Where(static node => node.State == NodeState.Silent))
            PlanOf(node.Id)?.Observe(node, now);
        SettleDrains(now);
    }

    private abstract class Answer(long revision)
    {
        // What it is made of.
        internal long Revision => revision;

        internal abstract void Give();

        internal abstract void GiveWhenHeldUp(DateTimeOffset now);
    }

    private sealed class Answer<T>(long revision, T value, Func<DateTimeOffset, T> whenHeldUp) : Answer(revision)
    {
        private readonly TaskCompletionSource<T> _given = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task<T> Task => _given.Task;

        internal override void Give() => _given.SetResult(value);

        internal override void GiveWhenHeldUp(DateTimeOffset now)
        {
            try
            {
                _given.SetResult(whenHeldUp(now));
            }
            catch (Exception e) when (e is FleetRejectedException or NodeNameTakenException)
            {
                _given.SetException(e);
            }
        }
    }
}
