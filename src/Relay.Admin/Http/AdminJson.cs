using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Relay.Fleet.Json;

namespace Relay.Admin.Http;

/// <summary>What is read and written that is no record of the fleet.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(EmptyBody))]
internal sealed partial class AdminJson : JsonSerializerContext
{
    /// <summary>
    /// Makes an application's JSON the fleet's: its names, its texts for enumerations, its absent nulls.
    /// </summary>
    /// <param name="options">The application's.</param>
    /// <param name="more">Contracts of folders above this one.</param>
    public static void Configure(JsonSerializerOptions options, IJsonTypeInfoResolver? more)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.TypeInfoResolver = JsonTypeInfoResolver.Combine(Default, FleetJson.Options.TypeInfoResolver, more);
    }
}
