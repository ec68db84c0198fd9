using Relay.Fleet.Contract;
using Relay.Fleet.Nodes;
using Relay.Fleet.Users;

namespace Relay.Fleet.Local;

/// <content>Users.</content>
public sealed partial class LocalFleet
{
    private readonly OnwardClock _enrolmentClock;
    private UserBook _users;

    /// <inheritdoc/>
    public async ValueTask<Page<User>> ListUsersAsync(UserQuery query, CancellationToken cancellation)
    {
        var page = (await ReadAsync(_ => _users.ToList()).ConfigureAwait(false)).Find(query);
        lock (_gate)
            return page with { Items = [.. page.Items.Select(Seen)] };
    }

    /// <inheritdoc/>
    public ValueTask<User?> GetUserAsync(string user, CancellationToken cancellation) =>
        ReadAsync(_ => _users.Find(user) is { } found ? Seen(found) : null);

    /// <inheritdoc/>
    public ValueTask<FleetResult<User>> PutUserAsync(User user, string? expectedVersion, CancellationToken cancellation) =>
        ChangeAsync(now => _users.Put(user, expectedVersion, now));

    /// <inheritdoc/>
    public async ValueTask<FleetResult<User>> DeleteUserAsync(string user, string? expectedVersion, CancellationToken cancellation)
    {
        var result = await ChangeAsync(now => _users.Delete(user, expectedVersion, now)).ConfigureAwait(false);
        if (result.IsOk)
            ForgetUse(user);
        return result;
    }

    /// <inheritdoc/>
    public ValueTask<FleetResult<User>> AddDeviceAsync(string user, NewDevice device, CancellationToken cancellation) =>
        ChangeAsync(now => _users.AddDevice(user, device, now));

    /// <inheritdoc/>
    public ValueTask<FleetResult<User>> RemoveDeviceAsync(string user, string credential, CancellationToken cancellation) =>
        ChangeAsync(now => _users.RemoveDevice(user, credential, now));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Enrolment>> ListEnrolmentsAsync(CancellationToken cancellation) =>
        ReadAsync(_ => _users.EnrolmentsAt(_enrolmentClock.Read()));

    /// <inheritdoc/>
    public ValueTask<FleetResult<Enrolment>> BeginEnrolmentAsync(
        string user, NewEnrolment enrolment, CancellationToken cancellation) =>
        EnrolAsync(_ => _users.BeginEnrolment(user, enrolment, _enrolmentClock.Read()));

    /// <inheritdoc/>
    public ValueTask<FleetResult<Enrolment>> UseEnrolmentAsync(EnrolmentUse use, CancellationToken cancellation) =>
        EnrolAsync(now => _users.UseEnrolment(use, _enrolmentClock.Read(), now));

    /// <inheritdoc/>
    public ValueTask<UserStoreInfo> GetUserStoreAsync(CancellationToken cancellation) =>
        ReadAsync(_ => UserStoreInfo.Of(_users.Standing, _registry.Nodes));

    /// <inheritdoc/>
    public ValueTask<FleetResult<UserStoreInfo>> ConfirmUsersAsync(Guid store, CancellationToken cancellation) => ChangeAsync(now =>
    {
        var result = _users.Confirm(
            store, _users.Standing.HasLost(_registry.Nodes) ? Guid.NewGuid() : null, UserStanding.LatestOf(_registry.Nodes), now);
        return result.Value is { } standing
            ? FleetResult.Ok(UserStoreInfo.Of(standing, _registry.Nodes)) : result.As<UserStoreInfo>();
    });

    private ValueTask<FleetResult<Enrolment>> EnrolAsync(Func<DateTimeOffset, FleetResult<Enrolment>> change) => ChangeAsync(now =>
    {
        var before = _users.Revision;
        var result = change(now);
        if (result.Value is { } enrolment && _users.Revision != before)
            Tell([EnrolmentEvents.Of(enrolment, now)]);
        return result;
    });

    private UserPage? HandOver(NodeTracker tracker, NodeReport report)
    {
        if (report.Users is not { } position || report.IsLeaving)
            return null;
        var page = _users.PageFor(position, tracker.Users.SinceOf(position));
        if (page is not null)
            tracker.Users.Give(position, page, _users.Standing.Floor);
        return page;
    }
}
