using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Orleans.Storage;

namespace Relay.Grains.Hosting;

/// <summary>
/// State in storage as JSON. Fields that are not known are skipped: an older version reads what a newer one wrote.
/// </summary>
internal sealed class JsonStateSerializer : IGrainStorageSerializer
{
    /// <inheritdoc/>
    public BinaryData Serialize<T>([AllowNull] T input) =>
        new(JsonSerializer.SerializeToUtf8Bytes(input, GrainJson.Options));

    /// <inheritdoc/>
    public T Deserialize<T>(BinaryData input) =>
        JsonSerializer.Deserialize<T>(input.ToMemory().Span, GrainJson.Options)
        ?? throw new JsonException($"the stored state of {typeof(T).Name} is null");
}
