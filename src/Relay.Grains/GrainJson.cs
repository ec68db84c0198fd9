using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Relay.Fleet.Contract;

namespace Relay.Grains;

/// <summary>
/// What grains tell each other and keep in storage: the records of this assembly and of <see cref="Relay.Fleet"/>, as
/// JSON. A field that is not known is skipped, one that is absent has its default: two versions of the program can run
/// in one cluster (docs/adr/0014).
/// </summary>
internal static class GrainJson
{
    private static readonly ConcurrentDictionary<Type, bool> Records = new();

    /// <summary>How all of it is written.</summary>
    /// <remarks>
    /// The contracts are made at run time: those that are generated at build time set every init-only property, so that
    /// what is absent would become null or zero in place of its default.
    /// </remarks>
    internal static JsonSerializerOptions Options { get; } = MakeOptions();

    /// <summary>Whether a type is one of the records.</summary>
    internal static bool IsRecord(Type type) => Records.GetOrAdd(type, static type =>
        (type.Assembly == typeof(NodeReport).Assembly || type.Assembly == typeof(GrainJson).Assembly)
        && type.IsSealed
        && type.GetMethod("<Clone>$") is not null);

    private static JsonSerializerOptions MakeOptions()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        };
        options.MakeReadOnly();
        return options;
    }
}
