using Orleans.CodeGeneration;
using Relay.Fleet.Contract;
using Relay.Fleet.Users;

namespace Relay.Grains.Contracts;

/// <summary>The fleet's users.</summary>
[Version(2)]
[Alias("relay.users")]
internal interface IUsersGrain : IGrainWithStringKey
{
    /// <summary>How the store stands.</summary>
    [Alias("standing")]
    Task<UserStanding> GetStandingAsync();

    /// <summary>What a node is given next.</summary>
    [Alias("page")]
    Task<UserPageAnswer> GetPageAsync(UserPageQuestion question);

    /// <summary>Users that fit a query.</summary>
    [Alias("list")]
    Task<Page<User>> ListAsync(UserQuery query);

    /// <summary>A user; null when there is none of that name.</summary>
    [Alias("get")]
    Task<User?> GetAsync(string user);

    /// <summary>Those of some names that are users.</summary>
    [Alias("which")]
    Task<NameList> WhichAsync(NameList users);

    /// <summary>Adds or changes a user.</summary>
    [Alias("put")]
    Task<FleetResult<User>> PutAsync(UserChange change);

    /// <summary>Removes a user.</summary>
    [Alias("delete")]
    Task<FleetResult<User>> DeleteAsync(NamedChange change);

    /// <summary>Gives a user a device.</summary>
    [Alias("addDevice")]
    Task<FleetResult<User>> AddDeviceAsync(DeviceAddition addition);

    /// <summary>Takes a device from a user.</summary>
    [Alias("removeDevice")]
    Task<FleetResult<User>> RemoveDeviceAsync(DeviceRemoval removal);

    /// <summary>Enrolments that can be used, and those that were lately.</summary>
    [Alias("enrolments")]
    Task<EnrolmentList> ListEnrolmentsAsync();

    /// <summary>Begins an enrolment.</summary>
    [Alias("beginEnrolment")]
    Task<FleetResult<Enrolment>> BeginEnrolmentAsync(EnrolmentStart start);

    /// <summary>Makes an enrolment's device.</summary>
    [Alias("useEnrolment")]
    Task<FleetResult<Enrolment>> UseEnrolmentAsync(EnrolmentUse use);

    /// <summary>The store replaces what nodes have of another.</summary>
    [Alias("confirm")]
    Task<FleetResult<UserStanding>> ConfirmAsync(UserConfirmation confirmation);

    /// <summary>All that is stored, a part at a time; <see cref="UserBookState.Version"/> of the last part is that of its last user.</summary>
    [Alias("export")]
    Task<UserBookState> ExportAsync(UserPartQuestion question);

    /// <summary>Compares users of another store with these, and adds those that are not here where it is told to.</summary>
    [Alias("import")]
    Task<UserImportAnswer> ImportAsync(UserImport import);
}

/// <summary>What a node has of the users.</summary>
/// <param name="Position">As its report says.</param>
/// <param name="Since">As <see cref="UserStanding.Next"/> has it.</param>
internal sealed record UserPageQuestion(UserPosition Position, long Since);

/// <summary>What a node is given.</summary>
/// <param name="Page">The page; null for nothing.</param>
/// <param name="Floor">The store's floor.</param>
internal sealed record UserPageAnswer(UserPage? Page, long Floor);

/// <summary>A change of a user; the parameters are <see cref="IFleetUsers.PutUserAsync"/>'s.</summary>
internal sealed record UserChange(User User, string? ExpectedVersion);

/// <summary>A device that a user gets.</summary>
internal sealed record DeviceAddition(string User, NewDevice Device);

/// <summary>A device that a user loses.</summary>
internal sealed record DeviceRemoval(string User, string Credential);

/// <summary>Enrolments.</summary>
internal sealed record EnrolmentList(IReadOnlyList<Enrolment> Enrolments);

/// <summary>An enrolment that is to begin.</summary>
internal sealed record EnrolmentStart(string User, NewEnrolment Enrolment);

/// <summary>The store is confirmed.</summary>
/// <param name="Store">The one that the operator has seen.</param>
/// <param name="IsLost">A node has a later state of it, which was lost.</param>
/// <param name="Latest">The latest version that a node has of whichever store.</param>
internal sealed record UserConfirmation(Guid Store, bool IsLost, long Latest = 0);

/// <summary>Which part of all users is wanted.</summary>
/// <param name="After">The version after which it begins.</param>
/// <param name="Limit">How many at most.</param>
internal sealed record UserPartQuestion(long After, int Limit);

/// <summary>Users of another store.</summary>
/// <param name="Users">A part of them.</param>
/// <param name="IsAdding">Those that are not here are added, where nothing speaks against it.</param>
/// <param name="Before">How many others of the same document are to be added before them.</param>
/// <param name="DevicesBefore">How many devices those have.</param>
internal sealed record UserImport(IReadOnlyList<StoredUser> Users, bool IsAdding, int Before, int DevicesBefore = 0);

/// <summary>What came of it.</summary>
/// <param name="Added">How many are not here, or were not.</param>
/// <param name="Conflicts">What speaks against it, one sentence each; a few.</param>
/// <param name="Devices">How many devices those have that are not here, or were not.</param>
/// <param name="Removed">Who was removed here and is not added, by name; null where the grain is of a version that adds them.</param>
internal sealed record UserImportAnswer(
    int Added, IReadOnlyList<string> Conflicts, int Devices = 0, IReadOnlyList<string>? Removed = null)
{
    /// <summary>So many are told.</summary>
    internal const int MaxConflicts = 8;
}
