using Relay.Fleet.Contract;
using Relay.Fleet.Limits;
using Relay.Fleet.State;
using Relay.Fleet.Usage;
using Relay.Fleet.Users;
using Relay.Grains.Contracts;

namespace Relay.Grains.Hosting;

/// <content>Users.</content>
internal sealed partial class GrainFleet
{
    // A message of about a megabyte.
    private const int UsersOfAPart = 2000;

    // A list of users waits no longer for what they have used.
    private static readonly TimeSpan LongestGlance = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public async ValueTask<Page<User>> ListUsersAsync(UserQuery query, CancellationToken cancellation)
    {
        var page = await _calls.AskAsync(grains => Users(grains).ListAsync(query), cancellation);
        return page with { Items = await GlanceAsync(page.Items, cancellation) };
    }

    /// <inheritdoc/>
    public async ValueTask<User?> GetUserAsync(string user, CancellationToken cancellation) =>
        await _calls.AskAsync(grains => Users(grains).GetAsync(user), cancellation) is { } found
            ? (await GlanceAsync([found], cancellation))[0] : null;

    /// <inheritdoc/>
    public async ValueTask<UserUsage?> GetUserUsageAsync(string user, CancellationToken cancellation)
    {
        if (await _calls.AskAsync(grains => Users(grains).GetAsync(user), cancellation) is null)
            return null;
        var usage = await _calls.AskAsync(grains => Usage(grains, user).ReadAsync(user), cancellation);
        var rules = await ListLimitsAsync(cancellation);
        return usage with { BytesPerMonth = new LimitDecider(new LimitBookState { Rules = rules }).QuotaOf(user) };
    }

    /// <inheritdoc/>
    public ValueTask<FleetResult<User>> PutUserAsync(User user, string? expectedVersion, CancellationToken cancellation) =>
        _calls.ChangeAsync(
            grains => Users(grains).PutAsync(new UserChange(user, expectedVersion)), cancellation,
            isIdempotent: expectedVersion is null);

    /// <inheritdoc/>
    public ValueTask<FleetResult<User>> DeleteUserAsync(string user, string? expectedVersion, CancellationToken cancellation) =>
        _calls.ChangeAsync(
            grains => Users(grains).DeleteAsync(new NamedChange(user, expectedVersion)), cancellation, isIdempotent: false);

    /// <inheritdoc/>
    public ValueTask<FleetResult<User>> AddDeviceAsync(string user, NewDevice device, CancellationToken cancellation) =>
        _calls.ChangeAsync(grains => Users(grains).AddDeviceAsync(new DeviceAddition(user, device)), cancellation);

    /// <inheritdoc/>
    public ValueTask<FleetResult<User>> RemoveDeviceAsync(string user, string credential, CancellationToken cancellation) =>
        _calls.ChangeAsync(
            grains => Users(grains).RemoveDeviceAsync(new DeviceRemoval(user, credential)), cancellation, isIdempotent: false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<Enrolment>> ListEnrolmentsAsync(CancellationToken cancellation) =>
        (await _calls.AskAsync(static grains => Users(grains).ListEnrolmentsAsync(), cancellation)).Enrolments;

    /// <inheritdoc/>
    public ValueTask<FleetResult<Enrolment>> BeginEnrolmentAsync(
        string user, NewEnrolment enrolment, CancellationToken cancellation) =>
        _calls.ChangeAsync(grains => Users(grains).BeginEnrolmentAsync(new EnrolmentStart(user, enrolment)), cancellation);

    /// <inheritdoc/>
    public ValueTask<FleetResult<Enrolment>> UseEnrolmentAsync(EnrolmentUse use, CancellationToken cancellation) =>
        _calls.ChangeAsync(grains => Users(grains).UseEnrolmentAsync(use), cancellation);

    /// <inheritdoc/>
    public async ValueTask<UserStoreInfo> GetUserStoreAsync(CancellationToken cancellation) =>
        await _calls.AskAsync(static grains => Fleet(grains).GetUserStoreAsync(), cancellation);

    /// <inheritdoc/>
    public ValueTask<FleetResult<UserStoreInfo>> ConfirmUsersAsync(Guid store, CancellationToken cancellation) =>
        _calls.ChangeAsync(
            grains => Fleet(grains).ConfirmUsersAsync(new UserConfirmation(store, IsLost: false)), cancellation, isIdempotent: false);

    // Of whom nothing is known at the moment, the rest is told.
    private async Task<IReadOnlyList<User>> GlanceAsync(IReadOnlyList<User> users, CancellationToken cancellation)
    {
        try
        {
            var parts = await _calls.AskAsync(grains => Task.WhenAll(users.Select(static user => user.Name).GroupBy(GrainKeys.ShardOf)
                .Select(part => AskAsync(grains.GetGrain<IUsageGrain>(part.Key), new NameList([.. part])))), cancellation);
            var seen = parts.SelectMany(static part => part).ToDictionary(static user => user.Name, StringComparer.Ordinal);
            return [.. users.Select(user => seen.TryGetValue(user.Name, out var one)
                ? user with { LastSeen = one.LastSeen, BytesThisMonth = one.BytesThisMonth } : user)];
        }
        catch (FleetUnavailableException)
        {
            return users;
        }

        async Task<IReadOnlyList<UserSeen>> AskAsync(IUsageGrain part, NameList names)
        {
            try
            {
                return (await part.GlanceAsync(names).WaitAsync(clock.Patience(LongestGlance), cancellation)).Users;
            }
            catch (Exception) when (!cancellation.IsCancellationRequested)
            {
                return [];
            }
        }
    }

    private async Task<UserBookState> ExportUsersAsync(CancellationToken cancellation)
    {
        List<StoredUser> users = [];
        for (var after = 0L; ;)
        {
            var part = await _calls.AskAsync(
                grains => Users(grains).ExportAsync(new UserPartQuestion(after, UsersOfAPart)), cancellation);
            users.AddRange(part.Users);
            if (part.Users.Count < UsersOfAPart)
            {
                // Who was changed while parts were read is in two of them, as he was and as he is.
                var latest = users.GroupBy(static user => user.Name).Select(static same => same.MaxBy(static user => user.Version)!);
                return (part with { Users = [.. latest.OrderBy(static user => user.Version)] }).ForExport();
            }
            after = part.Users[^1].Version;
        }
    }

    // How many are not here, and who was removed here; or what speaks against it.
    private async Task<FleetResult<FleetImport>> ImportUsersAsync(FleetState state, bool isAdding, CancellationToken cancellation)
    {
        var users = state.Users?.Users ?? [];
        List<string> conflicts = [];
        List<string> removed = [];
        UserBook.CompareAll(users, conflicts);
        if (conflicts.Count > 0)
            return Conflict(conflicts);
        var (added, devices) = (0, 0);
        foreach (var part in users.Chunk(UsersOfAPart))
        {
            var import = isAdding ? new UserImport(part, true, 0) : new UserImport(part, false, added, devices);
            var answer = await _calls.AskAsync(grains => Users(grains).ImportAsync(import), cancellation);
            if (answer.Conflicts.Count > 0)
                return Conflict(answer.Conflicts);
            removed.AddRange(answer.Removed ?? []);
            (added, devices) = (added + answer.Added, devices + answer.Devices);
        }
        return FleetResult.Ok(new FleetImport { Users = added, RemovedUsers = removed });

        FleetResult<FleetImport> Conflict(IReadOnlyList<string> conflicts) => FleetResult.Conflict<FleetImport>(
            $"{(isAdding ? "not all users were" : "nothing was")} imported: "
            + string.Join("; ", conflicts.Take(UserImportAnswer.MaxConflicts)));
    }

    private static IUsageGrain Usage(IGrainFactory grains, string user) => grains.GetGrain<IUsageGrain>(GrainKeys.ShardOf(user));

    private static IUsersGrain Users(IGrainFactory grains) => grains.GetGrain<IUsersGrain>(GrainKeys.Single);
}
