namespace Relay.Grains.State;

/// <summary>What is stored of a grain, and which write it is.</summary>
internal abstract record StoredRecord
{
    /// <summary>The write that stored it; null where a version wrote it that did not say.</summary>
    public WriteMark? Mark { get; init; }
}

/// <summary>One write of a record.</summary>
/// <param name="Writer">The activation that wrote.</param>
/// <param name="Number">Rises by one with each write of the record, whoever writes.</param>
/// <param name="History">The storage's history at that time; null where the storage has none.</param>
internal sealed record WriteMark(Guid Writer, long Number, string? History);
