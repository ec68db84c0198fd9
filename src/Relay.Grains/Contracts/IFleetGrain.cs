using Orleans.CodeGeneration;
using Orleans.Concurrency;
using Relay.Fleet.Contract;
using Relay.Fleet.Nodes;
using Relay.Fleet.State;

namespace Relay.Grains.Contracts;

/// <summary>
/// What the fleet has only one of: its members, the drains' budget, which pools and limits are defined.
/// </summary>
/// <remarks>
/// A change of pools has steps at several grains, and no other may come between them, nor the question that pools go by: these
/// the runtime puts in order. All else interleaves, and is put in order by what is written.
/// </remarks>
[Version(5)]
[Alias("relay.fleet")]
internal interface IFleetGrain : IGrainWithStringKey
{
    /// <summary>Nothing but that it is awake.</summary>
    [AlwaysInterleave]
    [Alias("pulse")]
    Task PulseAsync();

    /// <summary>
    /// That it is awake, and who calls; by every coordinator now and then. While one that is a member is not heard, what nodes
    /// report there may not arrive: nobody's silence is counted.
    /// </summary>
    [AlwaysInterleave]
    [Alias("pulseOf")]
    Task PulseAsync(Pulse pulse);

    /// <summary>Lets time do its part, as the timer does.</summary>
    [AlwaysInterleave]
    [Alias("tick")]
    Task TickAsync();

    /// <summary>A node came, changed, or left.</summary>
    [AlwaysInterleave]
    [Alias("observe")]
    Task<NodeStanding> ObserveAsync(NodeObservation observation);

    /// <summary>Nodes that a coordinator stood in for: they are not silent.</summary>
    [AlwaysInterleave]
    [Alias("hear")]
    Task HearAsync(HeardAlone heard);

    /// <summary>Where a node stands.</summary>
    [AlwaysInterleave]
    [Alias("standing")]
    Task<NodeStanding> GetStandingAsync(string node);

    /// <summary>The fleet at a glance.</summary>
    [AlwaysInterleave]
    [Alias("overview")]
    Task<FleetOverview> GetOverviewAsync();

    /// <summary>Nodes by name.</summary>
    [AlwaysInterleave]
    [Alias("nodes")]
    Task<Page<NodeInfo>> ListNodesAsync(PageRequest request);

    /// <summary>A node; null when there is none of that name.</summary>
    [AlwaysInterleave]
    [Alias("node")]
    Task<NodeInfo?> GetNodeAsync(string node);

    /// <summary>Forgets a silent node.</summary>
    [AlwaysInterleave]
    [Alias("forgetNode")]
    Task<FleetResult<NodeInfo>> ForgetNodeAsync(string node);

    /// <summary>Quarantines a node.</summary>
    [AlwaysInterleave]
    [Alias("quarantine")]
    Task<FleetResult<NodeQuarantine>> QuarantineNodeAsync(NamedChange change);

    /// <summary>Lifts the quarantine of a node.</summary>
    [AlwaysInterleave]
    [Alias("liftQuarantine")]
    Task<FleetResult<NodeQuarantine>> LiftQuarantineAsync(NamedChange change);

    /// <summary>The names of the nodes that are heard of, in order.</summary>
    [AlwaysInterleave]
    [Alias("names")]
    Task<NameList> GetHeardAsync();

    /// <summary>Whose word counts on who used an address.</summary>
    [AlwaysInterleave]
    [Alias("owners")]
    Task<AddressOwners> GetOwnersAsync(AddressQuestion question);

    /// <summary>Begins a drain, or gives the one of the same id.</summary>
    [AlwaysInterleave]
    [Alias("drain")]
    Task<FleetResult<DrainInfo>> StartDrainAsync(DrainRequest request);

    /// <summary>Makes a node serve again.</summary>
    [AlwaysInterleave]
    [Alias("undrain")]
    Task<FleetResult<DrainInfo>> UndrainAsync(string node);

    /// <summary>Ends a drain.</summary>
    [AlwaysInterleave]
    [Alias("cancel")]
    Task<FleetResult<DrainInfo>> CancelDrainAsync(string drain);

    /// <summary>The drains' ids, newest first.</summary>
    [AlwaysInterleave]
    [Alias("drains")]
    Task<Page<string>> ListDrainsAsync(PageRequest request);

    /// <summary>Which pools are defined, and which nodes hold blocks of though they are not.</summary>
    [AlwaysInterleave]
    [Alias("pools")]
    Task<PoolNames> ListPoolsAsync();

    /// <summary>What is defined of a pool.</summary>
    [Alias("pool")]
    Task<PoolDefinition> GetPoolAsync(string pool);

    /// <summary>Defines a pool.</summary>
    [Alias("putPool")]
    Task<FleetResult<PrefixPoolInfo>> PutPoolAsync(PoolChange change);

    /// <summary>Removes a pool.</summary>
    [Alias("deletePool")]
    Task<FleetResult<PrefixPoolInfo>> DeletePoolAsync(NamedChange change);

    /// <summary>All that the fleet remembers; what cannot be read fails it.</summary>
    [AlwaysInterleave]
    [Alias("export")]
    Task<FleetState> ExportAsync();

    /// <summary>Adds what a document has and the fleet has not.</summary>
    [Alias("import")]
    Task<FleetResult<FleetImport>> ImportAsync(FleetState state);

    /// <summary>The store of users has changed: nodes are to be told.</summary>
    [AlwaysInterleave]
    [Alias("usersChanged")]
    Task UsersChangedAsync(UserStanding standing);

    /// <summary>The store of users, and how far nodes have it.</summary>
    [AlwaysInterleave]
    [Alias("userStore")]
    Task<UserStoreInfo> GetUserStoreAsync();

    /// <summary>The store of users replaces what nodes have of another.</summary>
    [AlwaysInterleave]
    [Alias("confirmUsers")]
    Task<FleetResult<UserStoreInfo>> ConfirmUsersAsync(UserConfirmation confirmation);

    /// <summary>All limits.</summary>
    [AlwaysInterleave]
    [Alias("limits")]
    Task<LimitList> ListLimitsAsync();

    /// <summary>An identity has used up its limit, or no longer has; said again now and then.</summary>
    [AlwaysInterleave]
    [Alias("usedUp")]
    Task RecordUsedUpAsync(UsedUpNotice notice);

    /// <summary>Sets a limit.</summary>
    [AlwaysInterleave]
    [Alias("putLimit")]
    Task<FleetResult<LimitRule>> PutLimitAsync(LimitChange change);

    /// <summary>Removes a limit.</summary>
    [AlwaysInterleave]
    [Alias("deleteLimit")]
    Task<FleetResult<LimitRule>> DeleteLimitAsync(NamedChange change);
}

/// <summary>What is told of a node at once, since others wait for it.</summary>
/// <param name="Info">The node as it is now, without leases and drain.</param>
/// <param name="Sequence">The number of the report that told it.</param>
/// <param name="HasLeft">It left in order, and this was its last report.</param>
internal sealed record NodeObservation(NodeInfo Info, long Sequence, bool HasLeft);

/// <summary>A coordinator is there.</summary>
/// <param name="Silo">Its silo's address, as <c>SiloAddress.ToParsableString</c> has it.</param>
internal sealed record Pulse(string Silo);

/// <summary>Nodes whose reports a coordinator answered in place of their grains.</summary>
internal sealed record HeardAlone(IReadOnlyList<HeardAloneNode> Nodes);

/// <summary>A node whose report a coordinator answered in place of its grain.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Incarnation">The process that reported.</param>
/// <param name="AgoMilliseconds">How long ago, by the coordinator's clock.</param>
internal sealed record HeardAloneNode(string Node, Guid Incarnation, long AgoMilliseconds);

/// <summary>Where a node stands in the fleet.</summary>
/// <param name="Drain">The operation that it takes part in; null for none.</param>
/// <param name="Facts">What every node is to know.</param>
/// <param name="Refusal">Why the fleet does not take the node; null when it does.</param>
/// <param name="IsQuarantined">That is so by an operator's word.</param>
internal sealed record NodeStanding(string? Drain, FleetFacts Facts, string? Refusal = null, bool IsQuarantined = false);

/// <summary>What every node grain is to know, and what changes rarely.</summary>
internal sealed record FleetFacts
{
    /// <summary>Changes with every change of what <see cref="IFleetGrain.ListLimitsAsync"/> gives.</summary>
    public long LimitsVersion { get; init; }

    /// <summary>How the store of users stands; null where that is not known.</summary>
    public UserStanding? Users { get; init; }

    /// <summary>How many nodes are heard of.</summary>
    public int Nodes { get; init; } = 1;

    /// <summary>The fleet misses a coordinator, or is missed: what is said here may not arrive everywhere.</summary>
    public bool IsCutOff { get; init; }

    /// <summary>To a node of its own: the fleet may not take it any more, and is to be asked before anything else is.</summary>
    public bool IsRefused { get; init; }
}

/// <summary>Who had an address.</summary>
/// <param name="Address">The address.</param>
/// <param name="At">When; null for now.</param>
internal sealed record AddressQuestion(string Address, DateTimeOffset? At);

/// <summary>Which part of a list is wanted.</summary>
internal sealed record PageRequest(int Limit, string? Cursor);

/// <summary>The names of pools.</summary>
/// <param name="Names">Those that are defined, in order.</param>
/// <param name="Found">Those that are not, and that nodes hold blocks of.</param>
internal sealed record PoolNames(IReadOnlyList<string> Names, IReadOnlyList<string> Found);

/// <summary>Names, in order.</summary>
internal sealed record NameList(IReadOnlyList<string> Names);

/// <summary>A change of a pool; the parameters are <see cref="IFleet.PutPoolAsync"/>'s.</summary>
internal sealed record PoolChange(PrefixPool Pool, string? ExpectedVersion, bool IsNew = false);

/// <summary>A change of a limit.</summary>
internal sealed record LimitChange(LimitRule Rule, string? ExpectedVersion);

/// <summary>A change of what has a name, where there is nothing else to say of it: a removal, a quarantine.</summary>
internal sealed record NamedChange(string Name, string? ExpectedVersion);

/// <summary>The rules of the limits.</summary>
/// <param name="Rules">The rules by identity.</param>
/// <param name="Version">Which change of all of this it is.</param>
/// <param name="UsedUp">
/// Identities whose sessions or tunnels are used up: no node that has none of them gives any.
/// </param>
internal sealed record LimitList(IReadOnlyList<LimitRule> Rules, long Version, IReadOnlyList<string> UsedUp);

/// <summary>Whether an identity has used up its limit.</summary>
internal sealed record UsedUpNotice(string Identity, bool IsUsedUp);

/// <summary>What is defined of a pool.</summary>
/// <param name="Pool">The definition; null when there is no such pool.</param>
/// <param name="Excluded">What no pool may grant.</param>
/// <param name="Generation">Which state of the catalog says so; another one where that was lost.</param>
/// <param name="IsExcludedTold">Every pool has been told the same: it is not older than what this one was told.</param>
internal sealed record PoolDefinition(
    PrefixPool? Pool, IReadOnlyList<Prefix> Excluded, string? Generation = null, bool IsExcludedTold = false);
