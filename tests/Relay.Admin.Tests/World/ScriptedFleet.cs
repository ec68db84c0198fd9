using Relay.Fleet.Contract;
using Relay.Fleet.State;

namespace Relay.Admin.Tests.World;

/// <summary>
/// A fleet that does what a test says, for what a real one does not do on demand. What is not said is unavailable.
/// </summary>
public sealed class ScriptedFleet : IFleet, IFleetBackup
{
    /// <summary>Whether it could answer reports.</summary>
    public bool IsMember { get; set; }

    public Func<NodeReport, NodeDirective>? OnReport { get; set; }
    public Func<NodeReport, Task>? OnReporting { get; set; }
    public Func<FleetOverview>? OnOverview { get; set; }
    public Func<DrainRequest, FleetResult<DrainInfo>>? OnStartDrain { get; set; }
    public Func<string, FleetResult<DrainInfo?>>? OnUndrain { get; set; }
    public Func<string, NodeInfo?>? OnGetNode { get; set; }
    public Func<string, DrainInfo?>? OnGetDrain { get; set; }
    public Func<string?, CancellationToken, ValueTask<EventBatch>>? OnReadEvents { get; set; }
    public Func<Task<IReadOnlyList<Enrolment>>>? OnListEnrolments { get; set; }
    public Func<IReadOnlyList<PrefixPoolInfo>>? OnListPools { get; set; }
    public Func<string, PrefixPoolInfo?>? OnGetPool { get; set; }
    public Func<PrefixPool, FleetResult<PrefixPoolInfo>>? OnPutPool { get; set; }

    public async ValueTask<NodeDirective> ReportAsync(NodeReport report, CancellationToken cancellation)
    {
        if (OnReporting is not null)
            await OnReporting(report);
        return (OnReport ?? throw Away())(report);
    }

    public ValueTask<FleetState> ExportAsync(CancellationToken cancellation) => throw Away();

    public ValueTask<FleetResult<FleetImport>> ImportAsync(FleetState state, CancellationToken cancellation) =>
        ValueTask.FromResult(FleetResult.Unavailable<FleetImport>("storage is away"));

    public ValueTask<Page<User>> ListUsersAsync(UserQuery query, CancellationToken cancellation) => throw Away();

    public ValueTask<User?> GetUserAsync(string user, CancellationToken cancellation) => throw Away();

    public ValueTask<FleetResult<User>> PutUserAsync(User user, string? expectedVersion, CancellationToken cancellation) =>
        ValueTask.FromResult(FleetResult.Unavailable<User>("storage is away"));

    public ValueTask<FleetResult<User>> DeleteUserAsync(string user, string? expectedVersion, CancellationToken cancellation) =>
        ValueTask.FromResult(FleetResult.Unavailable<User>("storage is away"));

    public ValueTask<FleetResult<User>> AddDeviceAsync(string user, NewDevice device, CancellationToken cancellation) =>
        ValueTask.FromResult(FleetResult.Unavailable<User>("storage is away"));

    public ValueTask<FleetResult<User>> RemoveDeviceAsync(string user, string credential, CancellationToken cancellation) =>
        ValueTask.FromResult(FleetResult.Unavailable<User>("storage is away"));

    public ValueTask<UserUsage?> GetUserUsageAsync(string user, CancellationToken cancellation) => throw Away();

    public ValueTask<IReadOnlyList<Enrolment>> ListEnrolmentsAsync(CancellationToken cancellation) =>
        new((OnListEnrolments ?? throw Away())());

    public ValueTask<FleetResult<Enrolment>> BeginEnrolmentAsync(
        string user, NewEnrolment enrolment, CancellationToken cancellation) =>
        ValueTask.FromResult(FleetResult.Unavailable<Enrolment>("storage is away"));

    public ValueTask<FleetResult<Enrolment>> UseEnrolmentAsync(EnrolmentUse use, CancellationToken cancellation) =>
        ValueTask.FromResult(FleetResult.Unavailable<Enrolment>("storage is away"));

    public ValueTask<UserStoreInfo> GetUserStoreAsync(CancellationToken cancellation) => throw Away();

    public ValueTask<FleetResult<UserStoreInfo>> ConfirmUsersAsync(Guid store, CancellationToken cancellation) =>
        ValueTask.FromResult(FleetResult.Unavailable<UserStoreInfo>("storage is away"));

    public ValueTask CheckAsync(CancellationToken cancellation) =>
        IsMember ? ValueTask.CompletedTask : throw Away();

    public ValueTask<FleetOverview> GetOverviewAsync(CancellationToken cancellation) =>
        ValueTask.FromResult((OnOverview ?? throw Away())());

    public ValueTask<Page<NodeInfo>> ListNodesAsync(int limit, string? cursor, CancellationToken cancellation) =>
        throw Away();

    public ValueTask<NodeInfo?> GetNodeAsync(string node, CancellationToken cancellation) =>
        ValueTask.FromResult((OnGetNode ?? throw Away())(node));

    public ValueTask<NodeHistory?> GetNodeHistoryAsync(string node, int windowSeconds, CancellationToken cancellation) => throw Away();

    public ValueTask<FleetResult<NodeInfo>> ForgetNodeAsync(string node, CancellationToken cancellation) =>
        ValueTask.FromResult(FleetResult.Unavailable<NodeInfo>("storage is away"));

    public ValueTask<FleetResult<NodeQuarantine>> QuarantineNodeAsync(
        string node, string? expectedVersion, CancellationToken cancellation) =>
        ValueTask.FromResult(FleetResult.Unavailable<NodeQuarantine>("storage is away"));

    public ValueTask<FleetResult<NodeQuarantine>> LiftQuarantineAsync(
        string node, string? expectedVersion, CancellationToken cancellation) =>
        ValueTask.FromResult(FleetResult.Unavailable<NodeQuarantine>("storage is away"));

    public ValueTask<FleetResult<DrainInfo>> StartDrainAsync(DrainRequest request, CancellationToken cancellation) =>
        ValueTask.FromResult(OnStartDrain?.Invoke(request) ?? FleetResult.Unavailable<DrainInfo>("storage is away"));

    public ValueTask<FleetResult<DrainInfo?>> UndrainAsync(string node, CancellationToken cancellation) =>
        ValueTask.FromResult(OnUndrain?.Invoke(node) ?? FleetResult.Unavailable<DrainInfo?>("storage is away"));

    public ValueTask<FleetResult<DrainInfo>> CancelDrainAsync(string drain, CancellationToken cancellation) =>
        ValueTask.FromResult(FleetResult.Unavailable<DrainInfo>("storage is away"));

    public ValueTask<DrainInfo?> GetDrainAsync(string drain, CancellationToken cancellation) =>
        ValueTask.FromResult((OnGetDrain ?? throw Away())(drain));

    public ValueTask<Page<DrainInfo>> ListDrainsAsync(int limit, string? cursor, CancellationToken cancellation) =>
        throw Away();

    public ValueTask<Page<SessionRecord>> ListSessionsAsync(SessionQuery query, CancellationToken cancellation) =>
        throw Away();

    public ValueTask<SessionRecord?> GetSessionAsync(string session, CancellationToken cancellation) => throw Away();

    public ValueTask<FleetResult<SessionRecord>> EndSessionAsync(string session, CancellationToken cancellation) =>
        ValueTask.FromResult(FleetResult.Unavailable<SessionRecord>("storage is away"));

    public ValueTask<IReadOnlyList<PrefixPoolInfo>> ListPoolsAsync(CancellationToken cancellation) =>
        ValueTask.FromResult((OnListPools ?? throw Away())());

    public ValueTask<PrefixPoolInfo?> GetPoolAsync(string pool, CancellationToken cancellation) =>
        ValueTask.FromResult((OnGetPool ?? throw Away())(pool));

    public ValueTask<FleetResult<PrefixPoolInfo>> PutPoolAsync(
        PrefixPool pool, string? expectedVersion, bool isNew, CancellationToken cancellation) =>
        ValueTask.FromResult(OnPutPool?.Invoke(pool) ?? FleetResult.Unavailable<PrefixPoolInfo>("storage is away"));

    public ValueTask<FleetResult<PrefixPoolInfo>> DeletePoolAsync(
        string pool, string? expectedVersion, CancellationToken cancellation) =>
        ValueTask.FromResult(FleetResult.Unavailable<PrefixPoolInfo>("storage is away"));

    public ValueTask<Page<LeaseInfo>?> ListLeasesAsync(
        string pool, int limit, string? cursor, CancellationToken cancellation) => throw Away();

    public ValueTask<FleetResult<LeaseInfo>> RevokeLeaseAsync(
        string pool, Prefix prefix, CancellationToken cancellation) =>
        ValueTask.FromResult(FleetResult.Unavailable<LeaseInfo>("storage is away"));

    public ValueTask<IReadOnlyList<LimitRule>> ListLimitsAsync(CancellationToken cancellation) => throw Away();

    public ValueTask<FleetResult<LimitRule>> PutLimitAsync(
        LimitRule rule, string? expectedVersion, CancellationToken cancellation) =>
        ValueTask.FromResult(FleetResult.Unavailable<LimitRule>("storage is away"));

    public ValueTask<FleetResult<LimitRule>> DeleteLimitAsync(
        string identity, string? expectedVersion, CancellationToken cancellation) =>
        ValueTask.FromResult(FleetResult.Unavailable<LimitRule>("storage is away"));

    /// <summary>Never answers about statistics, but for being told to stop.</summary>
    public bool Hangs { get; set; }

    public async ValueTask<FleetStats> GetStatsAsync(int windowSeconds, CancellationToken cancellation)
    {
        if (Hangs)
            await Task.Delay(Timeout.Infinite, cancellation);
        throw Away();
    }

    public ValueTask<EventBatch> ReadEventsAsync(string? position, CancellationToken cancellation) =>
        (OnReadEvents ?? throw Away())(position, cancellation);

    /// <summary>What was told to the history.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<FleetEvent> Records { get; } = new();

    /// <summary>How many records were told to be lost.</summary>
    public long LostRecords { get; private set; }

    /// <summary>Called before records are taken; what it throws is the answer.</summary>
    public Action? BeforeRecord { get; set; }

    public ValueTask<EventPage> ReadHistoryAsync(EventQuery query, CancellationToken cancellation) => throw Away();

    public ValueTask RecordAsync(IReadOnlyList<FleetEvent> records, long lost, CancellationToken cancellation)
    {
        BeforeRecord?.Invoke();
        foreach (var record in records)
            Records.Enqueue(record);
        LostRecords += lost;
        return ValueTask.CompletedTask;
    }

    private static FleetUnavailableException Away() => new("storage is away");
}
