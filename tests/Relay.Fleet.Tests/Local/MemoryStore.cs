using System.Text.Json;
using Relay.Fleet.Events;
using Relay.Fleet.Json;
using Relay.Fleet.Local;
using Relay.Fleet.State;
using Relay.Fleet.Usage;

namespace Relay.Fleet.Tests.Local;

/// <summary>What would be on a disk, and what becomes of writes to it, as the test says.</summary>
internal sealed class MemoryStore
{
    private byte[]? _content;
    private byte[]? _history;
    private FleetState? _state;
    private TaskCompletionSource? _held;

    /// <summary>The state as it is written.</summary>
    public FleetState? State => _content is null ? null : _state ??= Read(_content);

    /// <summary>What users have used, by month.</summary>
    public SortedDictionary<string, UsageMonth> Usage { get; } = new(StringComparer.Ordinal);

    /// <summary>The history as it is written.</summary>
    public EventHistoryState? History => _history is null ? null : JsonSerializer.Deserialize(_history, FleetJson.Of<EventHistoryState>());

    /// <summary>How many times the history was written.</summary>
    public int HistoryWrites { get; private set; }

    /// <summary>How many writes were taken.</summary>
    public int Writes { get; private set; }

    /// <summary>Why writes are refused; null where they are taken.</summary>
    public string? Fault { get; set; }

    /// <summary>What is refused is for want of memory in this process.</summary>
    public bool LacksMemory { get; set; }

    /// <summary>A refused write has arrived all the same.</summary>
    public bool TakesWhatItRefuses { get; set; }

    /// <summary>Writes wait until they are let go.</summary>
    public bool Holds { get; set; }

    /// <summary>Whether a write waits.</summary>
    public bool IsHolding => _held is not null;

    /// <summary>A process opens it. What was on its way from the one before arrives no more.</summary>
    public IFleetStore Open()
    {
        _held = null;
        return new Opened(this);
    }

    /// <summary>Lets the write go that waits, if one does: it is taken, or refused, as it now would be.</summary>
    public void LetGo()
    {
        var held = _held;
        _held = null;
        held?.SetResult();
    }

    private Exception FailureOf(string fault) => LacksMemory ? new OutOfMemoryException(fault) : new IOException(fault);

    private static FleetState Read(byte[] content)
    {
        var state = FleetStateJson.Read(content, out var faults);
        Assert.Empty(faults);
        return state!;
    }

    private sealed class Opened(MemoryStore disk) : IFleetStore
    {
        public FleetState? Initial { get; } = disk.State;

        public IReadOnlyList<UsageMonth> Usage { get; } = [.. disk.Usage.Values];

        public Task WriteUsageAsync(IReadOnlyList<UsageMonth> months, IReadOnlyList<string> kept)
        {
            foreach (var month in months)
                disk.Usage[month.Month] = month;
            foreach (var over in disk.Usage.Keys.Except(kept).ToList())
                disk.Usage.Remove(over);
            return Task.CompletedTask;
        }

        public EventHistoryState? History { get; } = disk.History;

        public Task WriteHistoryAsync(EventHistoryState history)
        {
            if (disk.Fault is { } fault)
                return Task.FromException(disk.FailureOf(fault));
            disk._history = JsonSerializer.SerializeToUtf8Bytes(history, FleetJson.Of<EventHistoryState>());
            disk.HistoryWrites++;
            return Task.CompletedTask;
        }

        public async Task WriteAsync(FleetState state)
        {
            if (disk.Holds)
                await (disk._held = new TaskCompletionSource()).Task.ConfigureAwait(false);
            if (disk.Fault is null || disk.TakesWhatItRefuses)
                (disk._content, disk._state) = (FleetStateJson.Write(state), null);
            if (disk.Fault is { } fault)
                throw disk.FailureOf(fault);
            disk.Writes++;
        }
    }
}
