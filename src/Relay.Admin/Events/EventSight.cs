using Microsoft.AspNetCore.Http;
using Relay.Admin.Identity;
using Relay.Fleet.Contract;

namespace Relay.Admin.Events;

/// <summary>
/// What of events a caller sees: who may not change the fleet sees who has changed what, and neither from where and with what in it nor
/// who was refused.
/// </summary>
internal static class EventSight
{
    /// <summary>Whether there are events, or parts of them, that the caller does not see.</summary>
    public static bool IsLimited(HttpContext http) => !http.User.IsInRole(AdminRoles.Operator);

    /// <summary>An event as the caller sees it; null where that is not at all.</summary>
    public static FleetEvent? Of(HttpContext http, FleetEvent happened) => IsLimited(http) ? happened.ForViewers() : happened;
}
