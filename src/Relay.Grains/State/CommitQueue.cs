using Orleans.Storage;

namespace Relay.Grains.State;

/// <summary>
/// Decisions that have to be in storage before anybody hears of them. What is asked while a write is under way waits,
/// and is decided and written together with all else that waits: a thousand nodes that ask at once cost a few writes.
/// </summary>
/// <remarks>
/// Every write is compare-and-set. Where another activation has written, nothing of the batch holds: its callers are
/// told, and this activation ends. Where it is not known whether a write arrived, the decider goes back to what was
/// last known to be stored, goes on answering from that, and reads before it writes again. What it reads may be older
/// than what it knows to be stored: a replica was promoted that had not heard of it.
/// </remarks>
/// <param name="storage">The grain's state.</param>
/// <param name="restore">Makes a decider of what is stored.</param>
/// <param name="save">What is to be stored of a decider.</param>
/// <param name="revision">Rises with every change that has to be stored.</param>
/// <param name="deactivate">Ends this activation.</param>
/// <param name="reconcile">
/// Given what was known to be stored and what is, says what to go on from where the storage has lost a write; null
/// where it has not.
/// </param>
internal sealed class CommitQueue<TDecider, TState>(
    IPersistentState<TState> storage,
    Func<TState, TDecider> restore,
    Func<TDecider, TState> save,
    Func<TDecider, long> revision,
    Action deactivate,
    Func<TState, TState, TState?>? reconcile = null)
    where TDecider : class
    where TState : class
{
    private List<Item> _waiting = [];
    private bool _isRunning;
    private bool _isUnknown;
    private bool _isReconciled;
    private TDecider? _decider;

    /// <summary>The decider, to be asked but not changed: what it says is stored, or about to be.</summary>
    internal TDecider Decider => _decider ??= restore(storage.State);

    /// <summary>Whether there was anything in storage.</summary>
    internal bool Exists => storage.RecordExists;

    /// <summary>How many writes there were. For tests.</summary>
    internal long Writes { get; private set; }

    /// <summary>Decides, writes if that changed anything, and then gives the result.</summary>
    /// <exception cref="StorageConflictException">Another activation has taken over.</exception>
    /// <exception cref="GrainUnavailableException">Storage is away; nothing is known to have changed.</exception>
    internal Task<T> RunAsync<T>(Func<TDecider, T> decide)
    {
        var item = new Item<T>(decide);
        _waiting.Add(item);
        if (!_isRunning)
        {
            _isRunning = true;
            DrainAsync().Ignore();
        }
        return item.Task;
    }

    private async Task DrainAsync()
    {
        try
        {
            while (_waiting.Count > 0)
            {
                var batch = _waiting;
                _waiting = [];
                Exception? failure = null;
                try
                {
                    await CommitAsync(batch);
                }
                catch (Exception exception)
                {
                    failure = exception;
                }
                foreach (var item in batch)
                    item.Complete(failure);
            }
        }
        finally
        {
            _isRunning = false;
        }
    }

    private async Task CommitAsync(List<Item> batch)
    {
        if (_isUnknown)
            await ReloadAsync();
        var decider = Decider;
        var before = revision(decider);
        foreach (var item in batch)
            item.Decide(decider);
        if (revision(decider) == before && !_isReconciled)
            return;
        var stored = storage.State;
        try
        {
            storage.State = save(decider);
            await storage.WriteStateAsync();
            Writes++;
            _isReconciled = false;
        }
        catch (InconsistentStateException)
        {
            _decider = null;
            storage.State = stored;
            _isUnknown = true;
            await DeactivateUnlessLostAsync();
            throw new StorageConflictException("another activation of this grain has written its state");
        }
        catch (Exception exception)
        {
            _decider = null;
            storage.State = stored;
            _isUnknown = true;
            throw new GrainUnavailableException($"storage did not take a write: {exception.Message}");
        }
    }

    private async Task ReloadAsync()
    {
        var known = storage.State;
        try
        {
            await storage.ReadStateAsync();
        }
        catch (Exception exception)
        {
            throw new GrainUnavailableException($"storage does not answer: {exception.Message}");
        }
        var reconciled = reconcile?.Invoke(known, storage.State);
        storage.State = reconciled ?? storage.State;
        _isReconciled = reconciled is not null;
        _decider = null;
        _isUnknown = false;
    }

    // Storage has another version than it had: another activation has written, and knows more than this one; or storage
    // has lost what this one wrote, and nobody knows that but this one.
    private async Task DeactivateUnlessLostAsync()
    {
        try
        {
            if (reconcile is not null)
                await ReloadAsync();
        }
        catch (GrainUnavailableException)
        {
            // It is read again before anything is decided.
            return;
        }
        if (!_isReconciled)
            deactivate();
    }

    private abstract class Item
    {
        internal abstract void Decide(TDecider decider);

        internal abstract void Complete(Exception? failure);
    }

    private sealed class Item<T>(Func<TDecider, T> decide) : Item
    {
        private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _value;
        private Exception? _refusal;

        internal Task<T> Task => _result.Task;

        internal override void Decide(TDecider decider)
        {
            try
            {
                _value = decide(decider);
            }
            catch (Exception exception)
            {
                _refusal = exception;
            }
        }

        internal override void Complete(Exception? failure)
        {
            if ((failure ?? _refusal) is { } exception)
                _result.TrySetException(exception);
            else
                _result.TrySetResult(_value!);
        }
    }
}
