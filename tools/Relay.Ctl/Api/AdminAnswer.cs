using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Relay.Ctl.Api;

/// <summary>An answer that is a success: its JSON as it came.</summary>
/// <param name="Body">UTF-8; empty where there is none.</param>
/// <param name="Status">Which success it is.</param>
/// <param name="At">When it was given, by the coordinator's clock, which times in it are by.</param>
internal sealed record AdminAnswer(byte[] Body, HttpStatusCode Status, DateTimeOffset At)
{
    /// <summary>Reads the JSON.</summary>
    /// <exception cref="AdminException">It is not what the API gives.</exception>
    public T Read<T>(JsonTypeInfo<T> type)
    {
        try
        {
            if (JsonSerializer.Deserialize(Body, type) is { } value)
                return value;
        }
        catch (JsonException)
        {
            // Whatever answered, it is not the API: said below.
        }
        throw Foreign();
    }

    /// <summary>What is thrown where the answer is not what the API gives.</summary>
    public static AdminException Foreign() => new(0, "the answer is not the admin API's; is --server right?");
}
