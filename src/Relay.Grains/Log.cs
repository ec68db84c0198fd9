using System.Net;
using Microsoft.Extensions.Logging;

namespace Relay.Grains;

/// <summary>The silo's messages. Ids are stable: 700–719 hosting, 720–799 grains.</summary>
internal static partial class Log
{
    [LoggerMessage(
        700, LogLevel.Information, "silo {Address} of cluster {Cluster} is up, members and state in {Store}")]
    internal static partial void SiloUp(ILogger logger, IPEndPoint address, string cluster, string store);

    [LoggerMessage(701, LogLevel.Warning, "the silo could not start, and is tried again until it does: {Reason}")]
    internal static partial void StartFailed(ILogger logger, string reason);

    [LoggerMessage(702, LogLevel.Error, "the silo ended: {Reason}")]
    internal static partial void SiloFailed(ILogger logger, string reason);

    [LoggerMessage(703, LogLevel.Warning, "the silo did not leave the cluster in order: {Reason}")]
    internal static partial void LeaveFailed(ILogger logger, string reason);

    [LoggerMessage(704, LogLevel.Warning, "what the fleet stores can be lost: {Warning}")]
    internal static partial void NotDurable(ILogger logger, string warning);

    [LoggerMessage(720, LogLevel.Warning, "a call to the fleet's grains failed: {Kind}: {Message}")]
    internal static partial void CallFailed(ILogger logger, string kind, string message);

    [LoggerMessage(721, LogLevel.Warning, "the fleet's {What} could not be moved on for now: {Message}")]
    internal static partial void TickFailed(ILogger logger, string what, string message);

    [LoggerMessage(722, LogLevel.Error, "what users have used in {Month}, as {Grain} stores it, is not read, and counted anew: {Fault}")]
    internal static partial void UsageFaulty(ILogger logger, string month, string grain, string fault);
}
