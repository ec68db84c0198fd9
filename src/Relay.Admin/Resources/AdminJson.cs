using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Relay.Admin.Http;
using Relay.Fleet.Json;

namespace Relay.Admin.Resources;

/// <summary>The bodies of requests that are not records of the fleet.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(EmptyBody))]
[JsonSerializable(typeof(LimitBody))]
internal sealed partial class AdminJson : JsonSerializerContext
{
    /// <summary>
    /// Makes an application's JSON the fleet's: its names, its texts for enumerations, its absent nulls.
    /// </summary>
    public static void Configure(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.TypeInfoResolver = JsonTypeInfoResolver.Combine(
            Default, ProblemJson.Default, FleetJson.Options.TypeInfoResolver);
    }
}
