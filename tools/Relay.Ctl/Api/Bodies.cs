using System.Text.Json.Serialization;
using Relay.Fleet.Contract;

namespace Relay.Ctl.Api;

/// <summary>The body of a drain of one node.</summary>
internal sealed record DrainNodeBody(int? DeadlineSeconds, DrainMode? Mode, string? Reason);

/// <summary>The body of a rolling drain.</summary>
internal sealed record DrainNodesBody(
    IReadOnlyList<string>? Nodes, NodeSelector? Selector, DrainBudget MaxConcurrent, int? DeadlineSeconds,
    DrainMode? Mode, string? Reason);

/// <summary>The body of a pool's definition.</summary>
internal sealed record PoolBody(Prefix Prefix, int BlockLength);

/// <summary>Why a request was not done (RFC 9457).</summary>
internal sealed record ProblemBody(
    string? Title = null, string? Detail = null, IReadOnlyDictionary<string, string[]>? Errors = null);

/// <summary>The bodies that are this program's own.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(DrainNodeBody))]
[JsonSerializable(typeof(DrainNodesBody))]
[JsonSerializable(typeof(PoolBody))]
[JsonSerializable(typeof(ProblemBody))]
internal sealed partial class CtlJson : JsonSerializerContext;
