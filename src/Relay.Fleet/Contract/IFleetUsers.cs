namespace Relay.Fleet.Contract;

/// <summary>Who may use the fleet's relays. Changes are kept before they are answered, and reach nodes with their next reports.</summary>
public interface IFleetUsers
{
    /// <summary>Users that fit a query, by name.</summary>
    ValueTask<Page<User>> ListUsersAsync(UserQuery query, CancellationToken cancellation);

    /// <summary>A user; null when there is none of that name.</summary>
    ValueTask<User?> GetUserAsync(string user, CancellationToken cancellation);

    /// <summary>Adds a user, or changes one, who keeps his devices.</summary>
    /// <param name="user">The user; neither his devices nor his version are looked at.</param>
    /// <param name="expectedVersion">
    /// The version that it must have; empty when it must not be there; null for either.
    /// </param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<FleetResult<User>> PutUserAsync(User user, string? expectedVersion, CancellationToken cancellation);

    /// <summary>Removes a user with all devices; gives what he was.</summary>
    ValueTask<FleetResult<User>> DeleteUserAsync(string user, string? expectedVersion, CancellationToken cancellation);

    /// <summary>Gives a user a device. The same again changes nothing; another of its name is a conflict.</summary>
    ValueTask<FleetResult<User>> AddDeviceAsync(string user, NewDevice device, CancellationToken cancellation);

    /// <summary>Takes a device from a user.</summary>
    /// <param name="user">The user's name.</param>
    /// <param name="credential">The device's <see cref="UserDevice.Id"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<FleetResult<User>> RemoveDeviceAsync(string user, string credential, CancellationToken cancellation);

    /// <summary>What a user has used, by month; null when there is none of that name.</summary>
    ValueTask<UserUsage?> GetUserUsageAsync(string user, CancellationToken cancellation);

    /// <summary>Enrolments that can be used, and those that were lately.</summary>
    ValueTask<IReadOnlyList<Enrolment>> ListEnrolmentsAsync(CancellationToken cancellation);

    /// <summary>Begins an enrolment of a user who is let in. The same again changes nothing.</summary>
    ValueTask<FleetResult<Enrolment>> BeginEnrolmentAsync(string user, NewEnrolment enrolment, CancellationToken cancellation);

    /// <summary>Makes an enrolment's device, of whichever coordinators are asked to by one of them alone.</summary>
    /// <param name="use">Which enrolment, and the device. The same again changes nothing; another device is a conflict.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<FleetResult<Enrolment>> UseEnrolmentAsync(EnrolmentUse use, CancellationToken cancellation);

    /// <summary>How the store of users stands, and which nodes have not what is in it.</summary>
    ValueTask<UserStoreInfo> GetUserStoreAsync(CancellationToken cancellation);

    /// <summary>
    /// An operator says that the store is to replace what nodes have of another. A conflict where it is another one than he has
    /// seen.
    /// </summary>
    ValueTask<FleetResult<UserStoreInfo>> ConfirmUsersAsync(Guid store, CancellationToken cancellation);
}
