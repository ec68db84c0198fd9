using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Relay.Fleet;
using Relay.Grains.Clients;
using Relay.Grains.Drains;
using Relay.Grains.Events;
using Relay.Grains.Membership;
using Relay.Grains.Nodes;
using Relay.Grains.Pools;
using Relay.Grains.Stats;

namespace Relay.Grains;

/// <summary>
/// What grains tell each other and keep in storage, beside <see cref="FleetJson"/>. A field that is not known is skipped,
/// one that is absent has its default: two versions of the program can run in one cluster (docs/adr/0025).
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FleetResult<DrainInfo>))]
[JsonSerializable(typeof(FleetResult<SessionRecord>))]
[JsonSerializable(typeof(FleetResult<PrefixPoolInfo>))]
[JsonSerializable(typeof(FleetResult<LeaseInfo>))]
[JsonSerializable(typeof(FleetResult<LimitRule>))]
[JsonSerializable(typeof(FleetResult<LeaseList>))]
[JsonSerializable(typeof(Page<string>))]
[JsonSerializable(typeof(ReportAnswer))]
[JsonSerializable(typeof(NodeSessionQuery))]
[JsonSerializable(typeof(SessionList))]
[JsonSerializable(typeof(NodeObservation))]
[JsonSerializable(typeof(NodeStanding))]
[JsonSerializable(typeof(PageRequest))]
[JsonSerializable(typeof(NameList))]
[JsonSerializable(typeof(PoolChange))]
[JsonSerializable(typeof(LimitChange))]
[JsonSerializable(typeof(NamedChange))]
[JsonSerializable(typeof(LimitList))]
[JsonSerializable(typeof(UsedUpNotice))]
[JsonSerializable(typeof(PoolDefinition))]
[JsonSerializable(typeof(PoolAnswer))]
[JsonSerializable(typeof(PoolCreation))]
[JsonSerializable(typeof(LeaseInfoList))]
[JsonSerializable(typeof(PrefixList))]
[JsonSerializable(typeof(PoolRemainder))]
[JsonSerializable(typeof(PoolRecord))]
[JsonSerializable(typeof(DrainNews))]
[JsonSerializable(typeof(DrainStanding))]
[JsonSerializable(typeof(NodeList))]
[JsonSerializable(typeof(OrderQuestion))]
[JsonSerializable(typeof(OrderAnswer))]
[JsonSerializable(typeof(DrainRecord))]
[JsonSerializable(typeof(FleetBookState))]
[JsonSerializable(typeof(NodeSummary))]
[JsonSerializable(typeof(HeardNodes))]
[JsonSerializable(typeof(StatsPull))]
[JsonSerializable(typeof(ClientReport))]
[JsonSerializable(typeof(EventList))]
internal sealed partial class GrainJson : JsonSerializerContext
{
    private static readonly ConcurrentDictionary<Type, bool> Records = new();

    /// <summary>How all of it is written.</summary>
    internal static new JsonSerializerOptions Options => Holder.Options;

    /// <summary>Whether a type is one of the records.</summary>
    internal static bool IsRecord(Type type) => Records.GetOrAdd(type, static type =>
        (type.Assembly == typeof(NodeReport).Assembly || type.Assembly == typeof(GrainJson).Assembly)
        && !type.IsEnum
        && Options.TryGetTypeInfo(type, out _));

    // Apart, so that the generated context is there when the options are made of it.
    private static class Holder
    {
        internal static readonly JsonSerializerOptions Options = MakeOptions();

        private static JsonSerializerOptions MakeOptions()
        {
            var options = new JsonSerializerOptions
            {
                PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
                DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
                TypeInfoResolver = JsonTypeInfoResolver.Combine(FleetJson.Default, Default),
            };
            options.MakeReadOnly();
            return options;
        }
    }
}
