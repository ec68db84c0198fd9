using System.Collections.Immutable;
using System.Globalization;
using Relay.Fleet.Contract;

namespace Relay.Fleet.Users;

/// <content>
/// Links by which users get devices. Each makes one device, and its end is stored with that device; a user who is removed or disabled
/// loses them, and so does everybody where memory was lost, since one of them may have been used.
/// </content>
public sealed partial class UserBook
{
    /// <summary>How many enrolments there may be, those among them that were used lately.</summary>
    public const int MaxEnrolments = 1024;

    /// <summary>How many of one user may wait to be used.</summary>
    public const int MaxEnrolmentsOfUser = 8;

    // By how much the clock of who began one may be ahead.
    private static readonly TimeSpan MaxAhead = TimeSpan.FromMinutes(1);

    private ImmutableList<Enrolment> _enrolments;

    /// <summary>Those that can be used, and those that were lately.</summary>
    /// <param name="at">An <see cref="OnwardClock"/>'s time.</param>
    public IReadOnlyList<Enrolment> EnrolmentsAt(DateTimeOffset at) => [.. _enrolments.Where(one => IsOpen(one, at))];

    /// <summary>Begins an enrolment. The same again changes nothing.</summary>
    /// <param name="user">Whose device is to come of it.</param>
    /// <param name="enrolment">What there is to say of it.</param>
    /// <param name="at">An <see cref="OnwardClock"/>'s time.</param>
    public FleetResult<Enrolment> BeginEnrolment(string user, NewEnrolment enrolment, DateTimeOffset at)
    {
        if (!DeviceSecret.IsHash(enrolment.Sha256) || !Names.IsIdentity(enrolment.By))
            return FleetResult.Invalid<Enrolment>("sha256", "an enrolment has the hash of a token, and somebody who began it");
        if (!UserDevice.IsName(enrolment.Device))
            return FleetResult.Invalid<Enrolment>("device", UserDevice.NameRule);
        if (FindStored(user) is not { } stored)
            return NoUser(user).As<Enrolment>();
        if (IsRefused(stored, at))
            return FleetResult.Conflict<Enrolment>($"user {user} is {(stored.IsDisabled ? "disabled" : "expired")}");
        if (stored.Devices.Count >= User.MaxDevices)
            return FleetResult.Conflict<Enrolment>($"{user} has {User.MaxDevices} devices already");
        var open = _enrolments.RemoveAll(one => !IsOpen(one, at));
        if (open.Find(one => one.Sha256 == enrolment.Sha256) is { } same)
            return same.User == user ? FleetResult.Ok(same) : FleetResult.Conflict<Enrolment>("the token is another enrolment's");
        if (open.Count(one => one.User == user && one.Used is null) >= MaxEnrolmentsOfUser)
            return FleetResult.Conflict<Enrolment>($"{user} has {MaxEnrolmentsOfUser} enrolments that wait already; each is over in ten minutes");
        if (open.Count >= MaxEnrolments && open.Find(static one => one.Used is not null) is { } used)
            open = open.Remove(used);
        if (open.Count >= MaxEnrolments)
            return FleetResult.Conflict<Enrolment>($"there are {MaxEnrolments} enrolments that wait already; each is over in ten minutes");
        var begun = new Enrolment
        {
            Sha256 = enrolment.Sha256,
            User = user,
            Device = enrolment.Device,
            By = enrolment.By,
            ExpiresAt = at + Enrolment.Lifetime,
        };
        _enrolments = open.Add(begun);
        Revision++;
        return FleetResult.Ok(begun);
    }

    /// <summary>Makes an enrolment's device. The same device again changes nothing; another is a conflict.</summary>
    /// <param name="use">Which one, and the device.</param>
    /// <param name="at">An <see cref="OnwardClock"/>'s time.</param>
    /// <param name="now">The coordinator's clock.</param>
    public FleetResult<Enrolment> UseEnrolment(EnrolmentUse use, DateTimeOffset at, DateTimeOffset now)
    {
        if (_enrolments.Find(one => one.Sha256 == use.Sha256) is not { } enrolment || !IsOpen(enrolment, at))
            return FleetResult.NotFound<Enrolment>("there is no such enrolment, or it is over");
        if (enrolment.Used is { } before)
            return before.Id == use.Id && before.Sha256 == use.Secret
                ? FleetResult.Ok(enrolment) : FleetResult.Conflict<Enrolment>("the enrolment has been used");
        var device = new NewDevice(use.Id, FreeName(FindStored(enrolment.User)!.Devices, enrolment.Device), use.Secret);
        var added = AddDevice(enrolment.User, device, now);
        if (!added.IsOk)
            return added.As<Enrolment>();
        // It is over then as if it had begun now: what was made can be shown for a while.
        var used = enrolment with { Used = device, ExpiresAt = at + Enrolment.Lifetime };
        _enrolments = _enrolments.Replace(enrolment, used);
        return FleetResult.Ok(used);
    }

    private void EndEnrolments(string user) => _enrolments = _enrolments.RemoveAll(one => one.User == user);

    // One that would last for longer than any was begun by a clock that has been set back since.
    private bool IsOpen(Enrolment one, DateTimeOffset at) =>
        at < one.ExpiresAt && one.ExpiresAt - at <= Enrolment.Lifetime + MaxAhead
        && FindStored(one.User) is { } user && !IsRefused(user, at);

    private static bool IsRefused(StoredUser user, DateTimeOffset at) => user.IsDisabled || user.ExpiresAt <= at;

    private static string FreeName(IReadOnlyList<StoredDevice> devices, string wanted)
    {
        var name = wanted;
        for (var number = 2; devices.Any(device => device.Name == name); number++)
        {
            var end = string.Create(CultureInfo.InvariantCulture, $" {number}");
            var length = Math.Min(wanted.Length, 64 - end.Length);
            name = wanted[..(char.IsHighSurrogate(wanted[length - 1]) ? length - 1 : length)] + end;
        }
        return name;
    }
}
