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
    private readonly Dictionary<string, OwnedRecord<UsageMonth>> _known = new(StringComparer.Ordinal);
    private readonly Guid _writer = Guid.NewGuid();

    /// <summary>Whether another activation has written a record since this one read it: what is known here is no more to be written.</summary>
    internal bool IsOvertaken { get; private set; }

    /// <summary>Whether storage has lost a record since this was asked: it may have lost others as well.</summary>
    internal bool TakeLoss()
    {
        var hasLost = false;
        foreach (var record in _known.Values)
            hasLost |= record.TakeLoss();
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
            await _known[over].ClearAsync();
            _known.Remove(over);
        }
    }

    private async Task<UsageMonth?> ReadAsync(string month)
    {
        var read = await RecordOf(month).ReadAsync();
        if (read is null || UsageBook.FaultOf(read) is not { } fault)
            return read;
        Log.UsageFaulty(logger, month, $"{grain}", fault);
        return null;
    }

    private async Task WriteAsync(UsageMonth month)
    {
        try
        {
            await RecordOf(month.Month).WriteAsync(month);
        }
        catch (StorageConflictException)
        {
            IsOvertaken = true;
            throw;
        }
    }

    private OwnedRecord<UsageMonth> RecordOf(string month) => _known.TryGetValue(month, out var known) ? known
        : _known[month] = new OwnedRecord<UsageMonth>(
            storage, grain, $"usage-{month}", new UsageMonth { Month = month }, static read => read.Writer);
}
