using Orleans.Storage;

namespace Relay.Grains.State;

/// <summary>
/// Decisions that have to be in storage before anybody hears of them. What is asked while a write is under way waits,
/// and is decided and written together with all else that waits: a thousand nodes that ask at once cost a few writes.
/// </summary>
/// <remarks>
/// Every write is compare-and-set. Where another activation has written, nothing of the batch holds: its callers are
/// told, and this activation ends. Where it is not known whether a write arrived, the decider goes back to what was
/// last known to be stored, goes on answering from that, and reads before it writes again.
/// <para>
/// Memory is lost where storage gives what is older than what this activation knows, and where the first thing that it
/// reads was written in another history of the storage. What is known is kept then, and the decider told to recover: it
/// is not all that was promised.
/// </para>
/// </remarks>
/// <param name="storage">The grain's state.</param>
/// <param name="readHistory">Reads the history that the storage is in.</param>
/// <param name="restore">Makes a decider of what is stored.</param>
/// <param name="save">What is to be stored of a decider.</param>
/// <param name="revision">Rises with every change that has to be stored.</param>
/// <param name="deactivate">Ends this activation.</param>
/// <param name="recover">Tells a decider that memory was lost.</param>
/// <param name="whenStored">Told of a decider that is stored as it is.</param>
internal sealed class CommitQueue<TDecider, TState>(
    IPersistentState<TState> storage,
    Func<Task<string?>> readHistory,
    Func<TState, TDecider> restore,
    Func<TDecider, TState> save,
    Func<TDecider, long> revision,
    Action deactivate,
    Action<TDecider>? recover = null,
    Action<TDecider>? whenStored = null)
    where TDecider : class
    where TState : StoredRecord
{
    private readonly Guid _writer = Guid.NewGuid();
    private List<Item> _waiting = [];
    private bool _isRunning;
    private bool _isUnknown;
    private bool _isExamined;
    private bool _hasLostMemory;
    private bool _mustWrite;
    private WriteMark? _found;
    private TDecider? _decider;

    /// <summary>The decider, to be asked but not changed: what it says is stored, or about to be.</summary>
    internal TDecider Decider => _decider ??= Restore();

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

    /// <summary>As the other, for what has no answer.</summary>
    internal Task RunAsync(Action<TDecider> change) => RunAsync(decider =>
    {
        change(decider);
        return true;
    });

    /// <summary>
    /// Writes what is known where the storage's history is another than when that was written: which proves that all of it is
    /// there, or shows that it is not, while somebody still knows.
    /// </summary>
    internal async Task FollowHistoryAsync()
    {
        if (!Exists || await readHistory() is not { } current || storage.State.Mark?.History == current)
            return;
        _mustWrite = true;
        await RunAsync(static _ => { });
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
        if (!_isExamined)
            await ExamineAsync();
        var decider = Decider;
        var before = revision(decider);
        foreach (var item in batch)
            item.Decide(decider);
        if (revision(decider) == before && !_hasLostMemory && !_mustWrite)
            return;
        var stored = storage.State;
        try
        {
            // Before the write: one that is told the history of before by what takes it only seems older than it is.
            var mark = new WriteMark(_writer, (stored.Mark?.Number ?? 0) + 1, await readHistory());
            storage.State = save(decider) with { Mark = mark };
            await storage.WriteStateAsync();
            Writes++;
            _hasLostMemory = _mustWrite = false;
            whenStored?.Invoke(decider);
        }
        catch (InconsistentStateException)
        {
            GoBackTo(stored);
            await DeactivateUnlessLostAsync();
            throw new StorageConflictException("another activation of this grain has written its state");
        }
        catch (Exception exception)
        {
            GoBackTo(stored);
            // It may have arrived, and not as it should: where replicas are to have it, for one.
            _mustWrite = true;
            throw new GrainUnavailableException($"storage did not take a write: {exception.Message}");
        }
    }

    private void GoBackTo(TState stored)
    {
        _decider = null;
        storage.State = stored;
        _isUnknown = true;
    }

    private TDecider Restore()
    {
        var decider = restore(storage.State);
        if (_hasLostMemory)
            recover?.Invoke(decider);
        return decider;
    }

    // Whether what was read is all that was written. The history is read after the record: one that has begun between
    // the two is another than the record's.
    private async Task ExamineAsync()
    {
        var current = await OrAwayAsync(readHistory);
        _found = storage.State.Mark;
        if (_found?.History is { } written && current is not null && written != current)
            LoseMemory();
        _isExamined = true;
    }

    private async Task ReloadAsync()
    {
        var known = storage.State;
        await OrAwayAsync(async () =>
        {
            await storage.ReadStateAsync();
            return true;
        });
        _isUnknown = false;
        _decider = null;
        if (!IsOlder(known))
        {
            _isExamined = false;
            return;
        }
        storage.State = known;
        LoseMemory();
    }

    private void LoseMemory()
    {
        _hasLostMemory = true;
        _decider = null;
    }

    // Whether storage has something that was there before what is known.
    private bool IsOlder(TState known) =>
        storage.RecordExists
            ? storage.State.Mark is { } read && known.Mark is { } last && (
                (read.Writer == _writer && last.Writer == _writer && read.Number < last.Number)
                || (read.Writer == _found?.Writer && read.Number <= _found.Number && read != last))
            : known.Mark is not null;

    // Storage has another version than it had: another activation has written, and knows more than this one; or storage
    // has lost what this one wrote, and nobody knows that but this one.
    private async Task DeactivateUnlessLostAsync()
    {
        try
        {
            await ReloadAsync();
        }
        catch (GrainUnavailableException)
        {
            // It is read again before anything is decided.
            return;
        }
        if (!_hasLostMemory)
            deactivate();
    }

    private static async Task<T> OrAwayAsync<T>(Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception exception)
        {
            throw new GrainUnavailableException($"storage does not answer: {exception.Message}");
        }
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
