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
    internal static IReadOnlyList<FleetWarning> Of(IReadOnlyList<MembershipEntry> silos, DateTimeOffset now)
    {
        List<FleetWarning> warnings = [];
        var begun = silos.Where(static silo => silo.Status == SiloStatus.Active).Select(static silo => silo.StartTime)
            .OrderDescending().ToList();
        // Who leaves in order was voted against by nobody.
        foreach (var silo in silos
            .Where(silo => silo.Status == SiloStatus.Dead && silo.SuspectTimes is { Count: > 0 }
                && now.UtcDateTime - silo.IAmAliveTime < ShownFor)
            .OrderByDescending(static silo => silo.IAmAliveTime))
        {
            // One that began since has taken its place, at whatever address.
            if (begun.Count > 0 && begun[0] > silo.IAmAliveTime)
                begun.RemoveAt(0);
            else
                warnings.Add(new FleetWarning(
                    "coordinator-away",
                    $"the coordinator at {silo.SiloAddress.Endpoint} has not been heard of since {silo.IAmAliveTime:u}: the others "
                    + "have declared it dead, and no other has begun in its place"));
        }
        return warnings;
    }
}
