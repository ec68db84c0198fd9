using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Relay.Fleet.Contract;

namespace Relay.Fleet.Events;

/// <summary>The history as it is stored.</summary>
public sealed record EventHistoryState
{
    /// <summary>Who wrote it, where several might.</summary>
    public Guid Writer { get; init; }

    /// <summary>The last number that was given.</summary>
    public long Last { get; init; }

    /// <summary>The highest number that had to make room.</summary>
    public long LastGone { get; init; }

    /// <summary>How many never came into it.</summary>
    public long Lost { get; init; }

    /// <summary>The runs of the log, oldest first; the last is the one that wrote it.</summary>
    public IReadOnlyList<EventRun> Runs { get; init; } = [];

    /// <summary>The entries, oldest first. What a newer version wrote and this one does not know is left out.</summary>
    [JsonConverter(typeof(KnownEvents))]
    public IReadOnlyList<FleetEvent> Events { get; init; } = [];
}

/// <summary>A run of the log: from when it was read until it was written for the last time.</summary>
/// <param name="Name">What the ids of its events begin with.</param>
/// <param name="Last">The last number of it that is stored.</param>
/// <param name="IsWhole">Whether it ended in order: nothing of it is missing.</param>
public sealed record EventRun(string Name, long Last, bool IsWhole);

/// <summary>Reads those events that it can.</summary>
internal sealed class KnownEvents : JsonConverter<IReadOnlyList<FleetEvent>>
{
    /// <inheritdoc/>
    public override IReadOnlyList<FleetEvent> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var all = JsonDocument.ParseValue(ref reader);
        var events = new List<FleetEvent>();
        if (all.RootElement.ValueKind != JsonValueKind.Array)
            return events;
        foreach (var one in all.RootElement.EnumerateArray())
        {
            try
            {
                if (one.Deserialize(Of(options)) is { } happened)
                    events.Add(happened);
            }
            catch (JsonException)
            {
                // Of a kind that this version does not have.
            }
        }
        return events;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, IReadOnlyList<FleetEvent> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var happened in value)
            JsonSerializer.Serialize(writer, happened, Of(options));
        writer.WriteEndArray();
    }

    private static JsonTypeInfo<FleetEvent> Of(JsonSerializerOptions options) =>
        (JsonTypeInfo<FleetEvent>)options.GetTypeInfo(typeof(FleetEvent));
}
