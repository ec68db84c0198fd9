using System.Net;
using Microsoft.Extensions.Logging;

namespace Relay.Admin.Diagnostics;

/// <summary>
/// The messages of the admin API. Ids are stable: 400–449 the host and the program, 450–479 requests; 480–499 are the audit
/// log's.
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

    [LoggerMessage(403, LogLevel.Information, "{What} reloaded")]
    internal static partial void Reloaded(ILogger logger, string what);

    [LoggerMessage(404, LogLevel.Error, "{What} not reloaded, what was in use stays: {Cause}")]
    internal static partial void ReloadRefused(ILogger logger, string what, string cause);

    [LoggerMessage(450, LogLevel.Error, "a defect ended a request: {Method} {Path}")]
    internal static partial void Defect(ILogger logger, string method, string path, Exception exception);

    [LoggerMessage(451, LogLevel.Warning, "the fleet does not answer: {Cause}")]
    internal static partial void FleetUnavailable(ILogger logger, string cause);
}
