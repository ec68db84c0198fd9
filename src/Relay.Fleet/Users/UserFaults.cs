using Relay.Fleet.Contract;

namespace Relay.Fleet.Users;

/// <summary>Says what is wrong with users that a document has.</summary>
internal static class UserFaults
{
    /// <summary>What is wrong with a user; null for nothing.</summary>
    internal static string? Of(StoredUser user) =>
        !Names.IsUser(user.Name) ? "name: a user's name is " + Names.UserRule
        : user.Version < 1 ? "version: it is not a number from 1 on"
        : !User.IsTime(user.ExpiresAt) ? "expiresAt: " + User.TimeRule
        : user.Devices is null || user.Devices.Count > User.MaxDevices ? $"devices: more than {User.MaxDevices}"
        : user.IsRemoved && user.Devices.Count > 0 ? "devices: it is removed, and has some"
        : user.Devices.Select(Of).FirstOrDefault(static fault => fault is not null)
        ?? (user.Devices.DistinctBy(static device => device.Name).Count() < user.Devices.Count
            || user.Devices.DistinctBy(static device => device.Id).Count() < user.Devices.Count ? "devices: one is there twice" : null);

    /// <summary>What is wrong with an enrolment; null for nothing.</summary>
    internal static string? Of(Enrolment enrolment) =>
        !DeviceSecret.IsHash(enrolment.Sha256) ? "sha256: it is no SHA-256 in base64"
        : !Names.IsUser(enrolment.User) ? "user: a user's name is " + Names.UserRule
        : !UserDevice.IsName(enrolment.Device) ? "device: " + UserDevice.NameRule
        : !Names.IsIdentity(enrolment.By) ? "by: it is nobody"
        : !User.IsTime(enrolment.ExpiresAt) ? "expiresAt: " + User.TimeRule
        : enrolment.Used is { } used && !(Names.IsOperation(used.Id) && UserDevice.IsName(used.Name) && DeviceSecret.IsHash(used.Sha256))
            ? "used: it is no device"
        : null;

    private static string? Of(StoredDevice? device) =>
        device is null ? "devices: null"
        : !Names.IsOperation(device.Id) ? "devices.id: an id is 1 to 64 of A-Z, a-z, 0-9, - and _"
        : !UserDevice.IsName(device.Name) ? "devices.name: " + UserDevice.NameRule
        : !DeviceSecret.IsHash(device.Sha256) ? "devices.sha256: it is no SHA-256 in base64"
        : !User.IsTime(device.CreatedAt) || !User.IsTime(device.ExpiresAt) ? "devices.expiresAt: " + User.TimeRule
        : null;
}
