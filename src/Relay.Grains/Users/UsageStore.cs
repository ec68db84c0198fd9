using Orleans.Storage;
using Relay.Fleet.Usage;
using Relay.Grains.State;

namespace Relay.Grains.Users;

/// <summary>What a part of the users have used, in storage: a record each month.</summary>
/// <param name="storage">The storage.</param>
/// <param name="grain">Whose they are.</param>
internal sealed class UsageStore(IGrainStorage storage, GrainId grain)
{
    private readonly Dictionary<string, GrainState<UsageMonth>> _known = new(StringComparer.Ordinal);

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
            await WriteAsync(month);
        foreach (var over in _known.Keys.Except(kept).ToList())
        {
            if (_known[over].RecordExists)
                await storage.ClearStateAsync(NameOf(over), grain, _known[over]);
            _known.Remove(over);
        }
    }

    private async Task<UsageMonth?> ReadAsync(string month)
    {
        var state = new GrainState<UsageMonth>(new UsageMonth { Month = month });
        await storage.ReadStateAsync(NameOf(month), grain, state);
        var read = state.RecordExists ? state.State : null;
        Know(month, state);
        return read is not null && UsageBook.FaultOf(read) is null ? read : null;
    }

    private async Task WriteAsync(UsageMonth month)
    {
        try
        {
            await TryWriteAsync(month);
        }
        catch (InconsistentStateException)
        {
            // What storage has lost is written anew: nobody else knows it.
            if (await ReadAsync(month.Month) is not null)
                throw new StorageConflictException("another activation of this grain has written its state");
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

    private void Know(string month, GrainState<UsageMonth> state)
    {
        state.State = new UsageMonth { Month = month };
        _known[month] = state;
    }

    private static string NameOf(string month) => $"usage-{month}";
}
