using System.Net;
using Microsoft.Extensions.Logging;
using Relay.Node.Counters;

namespace Relay.Node;

/// <summary>
/// The node's messages. Ids are stable: 1–99 the process, 100–199 connections, 200–299 tunnels, 300–399 the fleet. No
/// message holds a client's address and a target together.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "relay-node {Version}: {Libraries}")]
    internal static partial void Started(ILogger logger, string version, string libraries);

    [LoggerMessage(2, LogLevel.Information, "listening on {Address} with {Loops} loop(s)")]
    internal static partial void Listening(ILogger logger, IPEndPoint address, int loops);

    [LoggerMessage(3, LogLevel.Warning,
        "the kernel refused to steer packets by connection ID ({Reason}); loops hand packets over instead")]
    internal static partial void SteeringRefused(ILogger logger, string reason);

    [LoggerMessage(4, LogLevel.Warning,
        "anybody who can reach {Address} can use this relay: no client authentication is configured")]
    internal static partial void OpenRelay(ILogger logger, IPEndPoint address);

    [LoggerMessage(5, LogLevel.Information, "draining: {Tunnels} tunnel(s) may run for up to {Seconds} s")]
    internal static partial void Draining(ILogger logger, long tunnels, double seconds);

    [LoggerMessage(6, LogLevel.Information, "drained: {Finished} tunnel(s) finished, {Forced} ended by force")]
    internal static partial void Drained(ILogger logger, long finished, long forced);

    [LoggerMessage(7, LogLevel.Critical, "loop {Loop} failed; the process ends")]
    internal static partial void LoopFailed(ILogger logger, int loop, Exception exception);

    [LoggerMessage(8, LogLevel.Information, "a second signal: ending at once")]
    internal static partial void Hurried(ILogger logger);

    [LoggerMessage(9, LogLevel.Information,
        "ended; {Allocated} KiB allocated; garbage collections: {Gen0} of generation 0, {Gen1} of generation 1, "
        + "{Gen2} of generation 2")]
    internal static partial void Ended(ILogger logger, long allocated, int gen0, int gen1, int gen2);

    [LoggerMessage(10, LogLevel.Information, "metrics on http://{Address}/metrics")]
    internal static partial void ServingMetrics(ILogger logger, IPEndPoint address);

    [LoggerMessage(11, LogLevel.Warning, "{Variable} is no exporter of this program, and is ignored")]
    internal static partial void UnknownExporter(ILogger logger, string variable);

    [LoggerMessage(12, LogLevel.Information, "{Choice}")]
    internal static partial void Choice(ILogger logger, object choice);

    [LoggerMessage(13, LogLevel.Warning,
        "--max-tunnels is {Tunnels}, not {Wanted}: RLIMIT_NOFILE is {Files}, of which {Reserve} are kept for other "
        + "than tunnels; raise it (ulimit -n, LimitNOFILE=)")]
    internal static partial void TunnelsCapped(ILogger logger, long tunnels, long wanted, long files, long reserve);

    [LoggerMessage(15, LogLevel.Warning,
        "{Count} socket(s) toward targets were refused: the process has no more open files than it needs itself")]
    internal static partial void OpenFilesUsedUp(ILogger logger, long count);

    [LoggerMessage(22, LogLevel.Warning, "{Options} changed: only a restart takes notice")]
    internal static partial void NeedsRestart(ILogger logger, string options);

    [LoggerMessage(30, LogLevel.Error, "access lines are lost: {Reason}")]
    internal static partial void AccessLogFailed(ILogger logger, string reason);

    [LoggerMessage(31, LogLevel.Warning, "{Count} access line(s) were dropped: the access log could not keep up")]
    internal static partial void AccessLinesDropped(ILogger logger, long count);

    [LoggerMessage(32, LogLevel.Information, "SIGHUP: reading files again")]
    internal static partial void HangUp(ILogger logger);

    [LoggerMessage(40, LogLevel.Information, "{Count} key(s) of {Issuer} are in use")]
    internal static partial void KeysInUse(ILogger logger, int count, string issuer);

    [LoggerMessage(41, LogLevel.Warning, "of the keys of {Issuer} one is not used: {Reason}")]
    internal static partial void KeyLeftOut(ILogger logger, string issuer, string reason);

    [LoggerMessage(42, LogLevel.Error, "the keys of {Issuer} are not fetched from {Host}, those in use stay: {Cause}")]
    internal static partial void KeysNotFetched(ILogger logger, string issuer, string host, string cause);

    [LoggerMessage(43, LogLevel.Warning, "{Notice}")]
    internal static partial void OfRevoked(ILogger logger, string notice);

    [LoggerMessage(44, LogLevel.Warning, "clients with certificates are refused: {Reason}")]
    internal static partial void ClientsRefused(ILogger logger, string reason);

    [LoggerMessage(100, LogLevel.Debug, "connection established on loop {Loop}")]
    internal static partial void ConnectionEstablished(ILogger logger, int loop);

    [LoggerMessage(101, LogLevel.Debug, "connection ended: {Kind} 0x{Code:x} (library {LibraryError})")]
    internal static partial void ConnectionEnded(
        ILogger logger, string kind, ulong code, int libraryError);

    [LoggerMessage(102, LogLevel.Error, "a defect ended a connection")]
    internal static partial void Defect(ILogger logger, Exception exception);

    [LoggerMessage(103, LogLevel.Error, "loop {Loop} is out of memory: what needs more is given up")]
    internal static partial void OutOfMemory(ILogger logger, int loop, Exception exception);

    [LoggerMessage(104, LogLevel.Debug, "a token of an issuer is refused: {Fault}")]
    internal static partial void TokenRefused(ILogger logger, object fault);

    [LoggerMessage(200, LogLevel.Debug, "{Type} tunnel ended: {Outcome}, {Upstream} bytes up, {Downstream} bytes down")]
    internal static partial void TunnelEnded(
        ILogger logger, string type, TunnelOutcome outcome, long upstream, long downstream);
}
