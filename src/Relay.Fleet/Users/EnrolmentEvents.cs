using Relay.Fleet.Contract;

namespace Relay.Fleet.Users;

/// <summary>What is told of enrolments: who, and never by what.</summary>
public static class EnrolmentEvents
{
    /// <summary>One has begun, or was used.</summary>
    public static FleetEvent Of(Enrolment enrolment, DateTimeOffset now) => FleetEvent.Of(
        FleetEventKind.User,
        enrolment.Used is { } device
            ? $"{enrolment.User} has enrolled {device.Name} ({device.Id}), by a link of {enrolment.By}"
            : $"{enrolment.By} has begun an enrolment of {enrolment.User}",
        now) with
    {
        User = enrolment.User,
        Actor = enrolment.Used is null ? enrolment.By : enrolment.User,
    };
}
