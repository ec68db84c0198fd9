using Microsoft.Extensions.Logging;
using Orleans.Storage;
using Relay.Fleet.Usage;
using Relay.Grains.State;

namespace Relay.Grains.Users;

/// <summary>What a part of the users have used, in storage: a record each month.</summary>
/// <param name="storage">The storage.</param>
/// <param name="grain">Whose they are.</param>
/// <param name="logger">Where a record that is none is told of.</param>
internal sealed class UsageStore(IGrainStorage storage, GrainId grain, ILogger logger)
{
    private readonly Dictionary<string, GrainState<UsageMonth>> _known = new(StringComparer.Ordinal);
    // A write that arrived unheard is known by it from another's.
    private readonly Guid _writer = Guid.NewGuid();
    private bool _hasLost;

    /// <summary>Whether another activation has written a record since this one read it: what is known here is no more to be written.</summary>
    internal bool IsOvertaken { get; private set; }

    /// <summary>Whether storage has lost a record since this was asked: it may have lost others as well.</summary>
    internal bool TakeLoss()
    {
        var hasLost = _hasLost;
        _hasLost = false;
        return hasLost;
    }

    /// <summary>Reads what there is of some months.</summary>
    internal async Task<IReadOnlyList<UsageMonth>> ReadAsync(IEnumerable<Month> months)
    {
        var read = await Task.WhenAll(months.Select(month => ReadAsync($"{month}")));
        return [.. read.OfType<UsageMonth>()];
    }

    /// <summary>Writes some, and removes those that are over.</summary>
    /// <exception cref="StorageConflictException">Another activation has written one.</exception>
    internal async Task WriteAsync(IReadOnlyList<UsageMonth> months, IReadOnlyList<string> kept)
    {
        // Oldest first: the latest has how far nodes were heard with all of them.
        foreach (var month in months)
            await WriteAsync(month with { Writer = _writer });
        foreach (var over in _known.Keys.Except(kept).ToList())
        {
            if (_known[over].RecordExists)
                await storage.ClearStateAsync(NameOf(over), grain, _known[over]);
            _known.Remove(over);
        }
    }

    private async Task<UsageMonth?> ReadAsync(string month)
    {
        var state = await LoadAsync(month);
        var read = state.RecordExists ? state.State : null;
        Know(month, state);
        if (read is null || UsageBook.FaultOf(read) is not { } fault)
            return read;
        Log.UsageFaulty(logger, month, $"{grain}", fault);
        return null;
    }

    private async Task WriteAsync(UsageMonth month)
    {
        try
        {
            await TryWriteAsync(month);
        }
        catch (InconsistentStateException)
        {
            var state = await LoadAsync(month.Month);
            if (state.RecordExists && state.State?.Writer != _writer)
            {
                IsOvertaken = true;
                throw new StorageConflictException("another activation of this grain has written its state");
            }
            // What storage has lost is written anew: nobody else knows it.
            _hasLost |= !state.RecordExists;
            Know(month.Month, state);
            await TryWriteAsync(month);
        }
    }

    private async Task TryWriteAsync(UsageMonth month)
    {
        var known = _known.GetValueOrDefault(month.Month);
        var state = new GrainState<UsageMonth>(month, known?.ETag) { RecordExists = known?.RecordExists == true };
        await storage.WriteStateAsync(NameOf(month.Month), grain, state);
        Know(month.Month, state);
    }

    private async Task<GrainState<UsageMonth>> LoadAsync(string month)
    {
        var state = new GrainState<UsageMonth>(new UsageMonth { Month = month });
        await storage.ReadStateAsync(NameOf(month), grain, state);
        return state;
    }

    private void Know(string month, GrainState<UsageMonth> state)
    {
        state.State = new UsageMonth { Month = month };
        _known[month] = state;
    }

    private static string NameOf(string month) => $"usage-{month}";
}
