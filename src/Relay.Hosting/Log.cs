using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Fleet.Contract;

namespace Relay.Hosting;

/// <summary>The messages that both programs have. Ids are stable, and are none of either program's own.</summary>
internal static partial class Log
{
    [LoggerMessage(14, LogLevel.Error, "{What} failed, and is tried again")]
    internal static partial void WorkFailed(ILogger logger, string what, Exception exception);

    [LoggerMessage(16, LogLevel.Warning, "{Notice}")]
    internal static partial void CertificateEnds(ILogger logger, string notice);

    [LoggerMessage(20, LogLevel.Information, "{What} reloaded")]
    internal static partial void Reloaded(ILogger logger, string what);

    [LoggerMessage(21, LogLevel.Error, "{What} not reloaded, those in use stay: {Cause}")]
    internal static partial void ReloadRefused(ILogger logger, string what, string cause);

    [LoggerMessage(22, LogLevel.Warning, "{Option}: every user of this machine can read '{Path}': chmod o-r")]
    internal static partial void SecretIsOpen(ILogger logger, string option, string path);

    [LoggerMessage(23, LogLevel.Warning,
        "silos talk in clear text, and whoever reaches {Address} can be one: --silo-tls-cert-path, --silo-tls-private-key-path and "
        + "--silo-tls-ca-path encrypt it")]
    internal static partial void SiloInClear(ILogger logger, IPEndPoint address);

    [LoggerMessage(24, LogLevel.Warning, "{Notice}")]
    internal static partial void UnknownVariable(ILogger logger, string notice);

    [LoggerMessage(410, LogLevel.Information, "pool {Name} defined: {Prefix}, blocks of /{Length}")]
    internal static partial void PoolDefined(ILogger logger, string name, Prefix prefix, int length);

    [LoggerMessage(411, LogLevel.Warning,
        "pool {Name} of --prefix-pools is another one in the fleet, which stays: {Prefix}, blocks of /{Length}")]
    internal static partial void PoolDiffers(ILogger logger, string name, Prefix prefix, int length);

    [LoggerMessage(413, LogLevel.Error,
        "the fleet's state is not written to {File}, and is tried again: {Cause}; what is held is renewed, and nothing else is granted "
        + "or changed")]
    internal static partial void StateNotWritten(ILogger logger, string file, string cause);

    [LoggerMessage(414, LogLevel.Information, "the fleet's state is written to {File} again")]
    internal static partial void StateWritten(ILogger logger, string file);

    [LoggerMessage(415, LogLevel.Error,
        "the history of events in {File} is not read, and put aside as {Aside}; it begins anew: {Cause}")]
    internal static partial void HistoryNotRead(ILogger logger, string file, string aside, string cause);

    [LoggerMessage(416, LogLevel.Error,
        "the history of events is not written to {File}, and is tried again; until then a restart would lose it: {Cause}")]
    internal static partial void HistoryNotWritten(ILogger logger, string file, string cause);

    [LoggerMessage(417, LogLevel.Information, "the history of events is written to {File} again")]
    internal static partial void HistoryWritten(ILogger logger, string file);

    [LoggerMessage(412, LogLevel.Error, "pool {Name} of --prefix-pools is refused: {Reason}")]
    internal static partial void PoolRefused(ILogger logger, string name, string reason);
}
