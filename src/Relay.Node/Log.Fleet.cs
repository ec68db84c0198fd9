using Microsoft.Extensions.Logging;
using Relay.Fleet.Contract;

namespace Relay.Node;

/// <content>The fleet: 300–399.</content>
internal static partial class Log
{
    [LoggerMessage(300, LogLevel.Information, "node {Node} reports to the fleet: {Coordinator}")]
    internal static partial void FleetJoins(ILogger logger, string node, string coordinator);

    [LoggerMessage(301, LogLevel.Warning,
        "the fleet does not answer, and the node carries on with what it has; it is asked again and again: {Reason}")]
    internal static partial void FleetLost(ILogger logger, string reason);

    [LoggerMessage(302, LogLevel.Information, "the fleet answers again, after {Attempts} attempt(s)")]
    internal static partial void FleetFound(ILogger logger, int attempts);

    [LoggerMessage(303, LogLevel.Error, "the fleet refuses this node: {Reason}")]
    internal static partial void FleetRefuses(ILogger logger, string reason);

    [LoggerMessage(
        308, LogLevel.Warning,
        "coordinators answer in place of the fleet, which they do not reach: the node keeps what it has, and no lease is renewed")]
    internal static partial void FleetStandsIn(ILogger logger);

    [LoggerMessage(304, LogLevel.Error, "a directive could not be carried out")]
    internal static partial void FleetDefect(ILogger logger, Exception exception);

    [LoggerMessage(305, LogLevel.Information, "the fleet orders session {Session} to end")]
    internal static partial void SessionEnds(ILogger logger, string session);

    [LoggerMessage(306, LogLevel.Error, "the node is not ready, and asks again and again: {Reason}")]
    internal static partial void NodeNameTaken(ILogger logger, string reason);

    [LoggerMessage(307, LogLevel.Information, "the fleet takes this process for the node now")]
    internal static partial void NodeNameGained(ILogger logger);

    [LoggerMessage(310, LogLevel.Information,
        "drain {Drain} ({Mode}) begins: {Reason}; what is left is ended in {Remaining}")]
    internal static partial void FleetDrainBegins(
        ILogger logger, string drain, DrainMode mode, string reason, TimeSpan remaining);

    [LoggerMessage(311, LogLevel.Information,
        "drain {Drain}: drained; {Finished} tunnel(s) finished, {Forced} ended by force")]
    internal static partial void FleetDrained(ILogger logger, string drain, long finished, long forced);

    [LoggerMessage(312, LogLevel.Information, "drain {Drain} is over in state {State}: serving again")]
    internal static partial void FleetUndrained(ILogger logger, string drain, NodeState state);

    [LoggerMessage(320, LogLevel.Information, "lease of {Prefix} (pool {Pool}, epoch {Epoch}): in use")]
    internal static partial void LeaseGained(ILogger logger, Prefix prefix, string pool, long epoch);

    [LoggerMessage(
        321, LogLevel.Warning, "lease of {Prefix} (pool {Pool}, epoch {Epoch}): not used any more: {Reason}")]
    internal static partial void LeaseLost(ILogger logger, Prefix prefix, string pool, long epoch, string reason);

    [LoggerMessage(322, LogLevel.Error, "lease of {Prefix} (pool {Pool}): cannot be used: {Reason}")]
    internal static partial void LeaseUnusable(ILogger logger, Prefix prefix, string pool, string reason);

    [LoggerMessage(323, LogLevel.Information, "lease hook {Event} {Prefix}: done")]
    internal static partial void LeaseHookDone(ILogger logger, string @event, Prefix prefix);

    [LoggerMessage(324, LogLevel.Error, "lease hook {Event} {Prefix}: {Failure}")]
    internal static partial void LeaseHookFailed(ILogger logger, string @event, Prefix prefix, string failure);

    [LoggerMessage(330, LogLevel.Information, "{Users} user(s) of the fleet are in {Path}; the last coordinator answered {Age} ago")]
    internal static partial void UsersRead(ILogger logger, int users, string path, TimeSpan? age);

    [LoggerMessage(331, LogLevel.Information, "{Users} user(s) of the fleet taken, of store {Store}, version {Version}")]
    internal static partial void UsersTaken(ILogger logger, int users, Guid store, long version);

    [LoggerMessage(332, LogLevel.Warning, "{Reason}")]
    internal static partial void UsersRefused(ILogger logger, string reason);

    [LoggerMessage(333, LogLevel.Warning,
        "no coordinator that knows the users has answered for {MaxAge}, or it is not known since when: {Users} user(s) of the fleet are refused until one does")]
    internal static partial void UsersTooOld(ILogger logger, int users, TimeSpan maxAge);

    [LoggerMessage(334, LogLevel.Information, "{Users} user(s) of the fleet are let in again")]
    internal static partial void UsersYoungAgain(ILogger logger, int users);

    [LoggerMessage(335, LogLevel.Error, "the users of the fleet are not written to {Path}, and are tried again: {Cause}")]
    internal static partial void UsersNotWritten(ILogger logger, string path, string cause);

    [LoggerMessage(336, LogLevel.Information, "the users of the fleet are written to {Path} again")]
    internal static partial void UsersWritten(ILogger logger, string path);

    [LoggerMessage(337, LogLevel.Information, "session {Session} of {Identity} ends: its credential is good no more")]
    internal static partial void SessionRevoked(ILogger logger, string session, string identity);

    [LoggerMessage(338, LogLevel.Information, "session {Session} of {Identity} ends: the month's quota is used up")]
    internal static partial void SessionSpent(ILogger logger, string session, string identity);

    [LoggerMessage(339, LogLevel.Warning,
        "/proc/sys/kernel/random/boot_id cannot be read: how old the fleet's users are goes by the wall clock over each restart")]
    internal static partial void BootUnknown(ILogger logger);

    [LoggerMessage(326, LogLevel.Error, "the fleet's host in this process has ended; the relay goes on without it")]
    internal static partial void FleetHostFailed(ILogger logger, Exception? exception);
}
