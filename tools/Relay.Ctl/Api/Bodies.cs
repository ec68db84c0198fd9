using System.Text.Json.Serialization;

namespace Relay.Ctl.Api;

/// <summary>Why a request was not done (RFC 9457).</summary>
internal sealed record ProblemBody(
    string? Title = null, string? Detail = null, IReadOnlyDictionary<string, string[]>? Errors = null);

/// <summary>The body that is this program's own.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ProblemBody))]
internal sealed partial class CtlJson : JsonSerializerContext;
