using Relay.Fleet.Contract;
using Relay.Fleet.State;
using Relay.Fleet.Users;
using Relay.Grains.Contracts;

namespace Relay.Grains.Hosting;

/// <content>Users.</content>
internal sealed partial class GrainFleet
{
    // A message of about a megabyte.
    private const int UsersOfAPart = 2000;

    /// <inheritdoc/>
    public async ValueTask<Page<User>> ListUsersAsync(UserQuery query, CancellationToken cancellation) =>
        await _calls.AskAsync(grains => Users(grains).ListAsync(query), cancellation);

    /// <inheritdoc/>
    public async ValueTask<User?> GetUserAsync(string user, CancellationToken cancellation) =>
        await _calls.AskAsync(grains => Users(grains).GetAsync(user), cancellation);

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

    // How many are not here; or what speaks against it.
    private async Task<FleetResult<int>> ImportUsersAsync(FleetState state, bool isAdding, CancellationToken cancellation)
    {
        var added = 0;
        foreach (var part in (state.Users?.Users ?? []).Chunk(UsersOfAPart))
        {
            var answer = await _calls.AskAsync(
                grains => Users(grains).ImportAsync(new UserImport(part, isAdding, isAdding ? 0 : added)), cancellation);
            if (answer.Conflicts.Count > 0)
                return FleetResult.Conflict<int>(
                    $"{(isAdding ? "not all users were" : "nothing was")} imported: {string.Join("; ", answer.Conflicts)}");
            added += answer.Added;
        }
        return FleetResult.Ok(added);
    }

    private static IUsersGrain Users(IGrainFactory grains) => grains.GetGrain<IUsersGrain>(GrainKeys.Single);
}
