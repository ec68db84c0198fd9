using System.Net;
using Microsoft.Extensions.Logging;

namespace Relay.Admin.Diagnostics;

/// <summary>
/// The messages of the admin API. Ids are stable: 400–449 the host and the program, 450–479 requests; 480–499 are the
/// audit log's.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(400, LogLevel.Information, "admin API listening on {Scheme}://{Address}")]
    internal static partial void Listening(ILogger logger, string scheme, IPEndPoint address);

    [LoggerMessage(401, LogLevel.Warning,
        "everybody on this machine may operate the fleet through {Address}: no --admin-token-file is given")]
    internal static partial void NoTokens(ILogger logger, IPEndPoint address);

    [LoggerMessage(402, LogLevel.Warning,
        "tokens travel in the clear to {Address}: give --tls-cert-path, or put it behind something that encrypts")]
    internal static partial void NoTls(ILogger logger, IPEndPoint address);

    [LoggerMessage(403, LogLevel.Information, "enrolments are served on {Scheme}://{Address}, as {Url}")]
    internal static partial void EnrolmentsServed(ILogger logger, string scheme, IPEndPoint address, string url);

    [LoggerMessage(404, LogLevel.Information, "metrics and probes answered on http://{Address}, without a token")]
    internal static partial void ServingMetrics(ILogger logger, IPEndPoint address);

    [LoggerMessage(405, LogLevel.Information, "relay-admin {Version}")]
    internal static partial void Started(ILogger logger, string version);

    [LoggerMessage(406, LogLevel.Information, "ending: event streams end, requests may go on for a moment")]
    internal static partial void Ending(ILogger logger);

    [LoggerMessage(407, LogLevel.Information, "ended")]
    internal static partial void Ended(ILogger logger);

    [LoggerMessage(408, LogLevel.Information, "SIGHUP: reading files again")]
    internal static partial void HangUp(ILogger logger);

    [LoggerMessage(409, LogLevel.Critical, "the fleet's host failed; the process ends")]
    internal static partial void HostFailed(ILogger logger, Exception? exception);

    [LoggerMessage(450, LogLevel.Error, "a defect ended a request: {Method} {Path}{More}")]
    internal static partial void Defect(ILogger logger, string method, string path, string more, Exception exception);

    [LoggerMessage(451, LogLevel.Warning, "the fleet does not answer: {Cause}{More}")]
    internal static partial void FleetUnavailable(ILogger logger, string cause, string more);

    [LoggerMessage(452, LogLevel.Warning,
        "reports are answered, and nothing else of the fleet can be asked for or changed: {Cause}")]
    internal static partial void FleetDegraded(ILogger logger, string cause);

    [LoggerMessage(456, LogLevel.Warning, "what was done here is not in the fleet's history yet, and is told again: {Cause}")]
    internal static partial void HistoryWaits(ILogger logger, string cause);

    [LoggerMessage(454, LogLevel.Warning,
        "the cluster's API server at {Server} reviews no token: {Cause}; nodes that it knew within the last hour go on{More}")]
    internal static partial void NoTokenReview(ILogger logger, Uri server, string cause, string more);

    [LoggerMessage(455, LogLevel.Warning, "the token of a pod is no node's, from {Source}: {Reason}{More}")]
    internal static partial void TokenOfNoNode(ILogger logger, string source, string reason, string more);

    [LoggerMessage(453, LogLevel.Information, "the whole fleet answers again")]
    internal static partial void FleetWhole(ILogger logger);
}
