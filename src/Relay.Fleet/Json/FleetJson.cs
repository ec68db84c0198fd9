using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Relay.Fleet.Contract;
using Relay.Fleet.Drains;
using Relay.Fleet.Events;
using Relay.Fleet.Leases;
using Relay.Fleet.Limits;
using Relay.Fleet.Nodes;
using Relay.Fleet.State;
using Relay.Fleet.Stats;
using Relay.Fleet.Usage;
using Relay.Fleet.Users;

namespace Relay.Fleet.Json;

/// <summary>
/// The records as JSON: between nodes and coordinators, between silos, in storage, and in the admin API. Names are
/// camelCase, enumerations are texts. A field that is not known is skipped, so that two versions can talk.
/// </summary>
public static class FleetJson
{
    /// <summary>How all of it is read and written; an absent field has its property's default.</summary>
    public static JsonSerializerOptions Options { get; } = AbsentFields.Keep(FleetContracts.Default);

    /// <summary>The contract of one of the records, or of a page of them.</summary>
    /// <exception cref="NotSupportedException">It is none of them.</exception>
    public static JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));
}

/// <summary>The contracts, generated at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(NodeReport))]
[JsonSerializable(typeof(NodeDirective))]
[JsonSerializable(typeof(Page<User>))]
[JsonSerializable(typeof(UserBody))]
[JsonSerializable(typeof(DeviceBody))]
[JsonSerializable(typeof(ConfirmBody))]
[JsonSerializable(typeof(NewCredential))]
[JsonSerializable(typeof(EnrolmentBody))]
[JsonSerializable(typeof(EnrolmentLink))]
[JsonSerializable(typeof(UserStoreInfo))]
[JsonSerializable(typeof(UserUsage))]
[JsonSerializable(typeof(UsageMonth))]
[JsonSerializable(typeof(UserPage))]
[JsonSerializable(typeof(UserEntry))]
[JsonSerializable(typeof(UserBookState))]
[JsonSerializable(typeof(UserBucket))]
[JsonSerializable(typeof(FleetOverview))]
[JsonSerializable(typeof(FleetStats))]
[JsonSerializable(typeof(FleetEvent))]
[JsonSerializable(typeof(EventBatch))]
[JsonSerializable(typeof(EventQuery))]
[JsonSerializable(typeof(Page<FleetEvent>))]
[JsonSerializable(typeof(EventPage))]
[JsonSerializable(typeof(EventHistoryState))]
[JsonSerializable(typeof(Page<NodeInfo>))]
[JsonSerializable(typeof(NodeHistory))]
[JsonSerializable(typeof(Page<NodeHistoryPoint>))]
[JsonSerializable(typeof(Page<DrainInfo>))]
[JsonSerializable(typeof(Page<SessionRecord>))]
[JsonSerializable(typeof(Page<LeaseInfo>))]
[JsonSerializable(typeof(IReadOnlyList<PrefixPoolInfo>))]
[JsonSerializable(typeof(Page<PrefixPoolInfo>))]
[JsonSerializable(typeof(Page<LimitRule>))]
[JsonSerializable(typeof(IReadOnlyList<LimitRule>))]
[JsonSerializable(typeof(NodeQuarantine))]
[JsonSerializable(typeof(DrainNodeBody))]
[JsonSerializable(typeof(DrainOneBody))]
[JsonSerializable(typeof(DrainBody))]
[JsonSerializable(typeof(DrainRequest))]
[JsonSerializable(typeof(PoolBody))]
[JsonSerializable(typeof(SessionQuery))]
[JsonSerializable(typeof(IReadOnlyList<PrefixPool>))]
[JsonSerializable(typeof(LeaseRequest))]
[JsonSerializable(typeof(LeaseAnswer))]
[JsonSerializable(typeof(ReportOutcome))]
[JsonSerializable(typeof(StatsSlice))]
[JsonSerializable(typeof(StatsIncrease))]
[JsonSerializable(typeof(IReadOnlyList<IdentityUsage>))]
[JsonSerializable(typeof(NodeAllowances))]
[JsonSerializable(typeof(SlotAnswer))]
[JsonSerializable(typeof(NodeTrackerState))]
[JsonSerializable(typeof(NodeRegistryState))]
[JsonSerializable(typeof(PrefixPoolState))]
[JsonSerializable(typeof(PoolCatalogState))]
[JsonSerializable(typeof(DrainPlanState))]
[JsonSerializable(typeof(DrainSlotsState))]
[JsonSerializable(typeof(LimitBookState))]
[JsonSerializable(typeof(FleetState))]
[JsonSerializable(typeof(FleetImport))]
[JsonSerializable(typeof(RelayInfo))]
[JsonSerializable(typeof(CallerInfo))]
internal sealed partial class FleetContracts : JsonSerializerContext;
