using Relay.Fleet.Contract;

namespace Relay.Grains.Membership;

/// <summary>Which coordinators the others have declared dead, and that have not come back.</summary>
internal static class SiloWarnings
{
    // One that was taken away for good is not spoken of for ever: the table of members remembers it for a day.
    private static readonly TimeSpan ShownFor = TimeSpan.FromHours(1);

    /// <summary>A warning for each.</summary>
    /// <param name="silos">The table of members.</param>
    /// <param name="now">The wall clock, which their times are of as well.</param>
    internal static IReadOnlyList<FleetWarning> Of(IReadOnlyList<MembershipEntry> silos, DateTimeOffset now) =>
    [
        .. from silo in silos
           // Who leaves in order, or is begun again at its address, was voted against by nobody.
           where silo.Status == SiloStatus.Dead && silo.SuspectTimes is { Count: > 0 }
               && now.UtcDateTime - silo.IAmAliveTime < ShownFor
               && !silos.Any(other => other.Status == SiloStatus.Active
                   && other.SiloAddress.Endpoint.Equals(silo.SiloAddress.Endpoint))
           orderby silo.IAmAliveTime
           select new FleetWarning(
               "coordinator-away",
               $"the coordinator at {silo.SiloAddress.Endpoint} has not been heard of since {silo.IAmAliveTime:u}: the others have "
               + "declared it dead"),
    ];
}
