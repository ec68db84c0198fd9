using Orleans.CodeGeneration;
using Relay.Fleet.Contract;
using Relay.Fleet.Leases;

namespace Relay.Grains.Contracts;

/// <summary>
/// The blocks of one pool; its key is the pool's name. Everything is in storage before it is answered.
/// </summary>
[Version(2)]
[Alias("relay.pool")]
internal interface IPrefixPoolGrain : IGrainWithStringKey
{
    /// <summary>Answers what a node's report asks of the pool.</summary>
    [Alias("answer")]
    Task<PoolAnswer> AnswerAsync(LeaseRequest request);

    /// <summary>
    /// Takes a definition, as the first step of a change: nothing is granted until the catalog is known to have it. A
    /// conflict when live leases do not fit; else the quarantined blocks that the new definition no longer has.
    /// </summary>
    [Alias("define")]
    Task<FleetResult<LeaseList>> DefineAsync(PoolCreation creation);

    /// <summary>The catalog has the definition: the last step of a change.</summary>
    [Alias("confirm")]
    Task ConfirmAsync(PrefixPool pool);

    /// <summary>The first step of a removal: nothing more is granted. Says what there still is.</summary>
    [Alias("close")]
    Task<PoolRemainder> CloseAsync();

    /// <summary>The last step of a removal: the catalog no longer has the pool.</summary>
    [Alias("remove")]
    Task RemoveAsync();

    /// <summary>What is never granted.</summary>
    [Alias("exclude")]
    Task ExcludeAsync(PrefixList prefixes);

    /// <summary>
    /// The pool and how much of it is in use; null when there is no such pool. Whether it is defined, the catalog knows.
    /// </summary>
    [Alias("info")]
    Task<PrefixPoolInfo?> GetInfoAsync();

    /// <summary>What is stored of the pool; null when there is none.</summary>
    [Alias("export")]
    Task<PrefixPoolState?> ExportAsync();

    /// <summary>The blocks that are not free; null when there is no such pool.</summary>
    [Alias("list")]
    Task<Page<LeaseInfo>?> ListAsync(PageRequest request);

    /// <summary>The live leases of a node.</summary>
    [Alias("of")]
    Task<LeaseInfoList> GetLeasesOfAsync(string node);

    /// <summary>The block with an address, if it is not free.</summary>
    [Alias("find")]
    Task<LeaseInfoList> FindAsync(string address);

    /// <summary>Takes a block back.</summary>
    [Alias("revoke")]
    Task<FleetResult<LeaseInfo>> RevokeAsync(PrefixList prefix);

    /// <summary>Lets time do its part, as the timer does.</summary>
    [Alias("tick")]
    Task TickAsync();
}

/// <summary>What a pool answers to a report.</summary>
/// <param name="Answer">The answer; its changes are not told.</param>
/// <param name="Leases">The node's live leases of this pool.</param>
internal sealed record PoolAnswer(LeaseAnswer Answer, IReadOnlyList<LeaseInfo> Leases);

/// <summary>A definition that a pool shall have.</summary>
/// <param name="Pool">The definition.</param>
/// <param name="IsRecovering">
/// Blocks may be held that nobody knows of: if the pool is new, it grants none for a lease time, by its own clock.
/// </param>
/// <param name="Excluded">What is never granted.</param>
/// <param name="IsNew">Nobody can hold an address of it: a conflict where somebody does, or did.</param>
/// <param name="From">What another grantor wrote down of it, for a pool of which nothing is known here.</param>
/// <param name="Generation">Which state of the catalog it is for.</param>
internal sealed record PoolCreation(
    PrefixPool Pool, bool IsRecovering, IReadOnlyList<Prefix> Excluded, bool IsNew = false, PrefixPoolState? From = null,
    string? Generation = null);

/// <summary>Leases.</summary>
/// <param name="Leases">The leases.</param>
/// <param name="IsRecovering">Their pool may not know all that is held.</param>
internal sealed record LeaseList(IReadOnlyList<PrefixLease> Leases, bool IsRecovering = false);

/// <summary>Leases as operators see them.</summary>
internal sealed record LeaseInfoList(IReadOnlyList<LeaseInfo> Leases);

/// <summary>Prefixes.</summary>
internal sealed record PrefixList(IReadOnlyList<Prefix> Prefixes);

/// <summary>What a pool that shall be removed still has.</summary>
/// <param name="LiveLeases">Leases whose holder may be using them.</param>
/// <param name="Quarantined">Blocks that nobody may have yet.</param>
/// <param name="Info">The pool as it is.</param>
internal sealed record PoolRemainder(int LiveLeases, IReadOnlyList<PrefixLease> Quarantined, PrefixPoolInfo? Info);
