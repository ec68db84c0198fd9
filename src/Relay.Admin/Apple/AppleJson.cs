using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Relay.Fleet.Json;

namespace Relay.Admin.Apple;

/// <summary>Requests and answers about Apple's devices as JSON; an absent field has its property's default.</summary>
internal static class AppleJson
{
    /// <summary>How all of it is read and written.</summary>
    public static JsonSerializerOptions Options { get; } = AbsentFields.Keep(AppleContracts.Default);

    /// <summary>The contract of one of the records.</summary>
    public static JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));
}

/// <summary>The contracts, generated at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(AppleRelayBody))]
[JsonSerializable(typeof(AppleProfileBody))]
[JsonSerializable(typeof(AppleDeclarations))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class AppleContracts : JsonSerializerContext;
