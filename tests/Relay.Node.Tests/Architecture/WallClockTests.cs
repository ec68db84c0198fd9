using System.Text.RegularExpressions;

namespace Relay.Node.Tests.Architecture;

/// <summary>
/// A wall clock may be set ahead or back at any time (NTP, an operator, a machine that wakes). What a node waits for, bounds or promises
/// goes by a clock that is never set; it reads the wall clock only to say when something was, and for
/// what others have given a date.
/// </summary>
public sealed partial class WallClockTests
{
    /// <summary>Who reads it, and what for.</summary>
    private static readonly Dictionary<string, string> Readers = new(StringComparer.Ordinal)
    {
        ["src/Relay.Node/Hosting/LoopEvents.cs"] = "the time of an access line",
        ["src/Relay.Node/Fleet/ReportWriter.cs"] = "when the process began, and warnings about certificates",
        ["src/Relay.Node/Fleet/SessionJournal.cs"] = "when sessions and flows began, for who looks them up",
        ["src/Relay.Node/Diagnostics/Metrics/NodeGauges.cs"] = "what is left of a certificate",
        ["src/Relay.Node/Hosting/NodeSecurity.cs"] = "warnings about certificates, and about lists of what is revoked",
        ["src/Relay.Native/Trust/ClientTrust.cs"] = "the dates of lists of what is revoked",
        ["src/Relay.Node/Tokens/JwtAuthority.cs"] = "the dates of an issuer's tokens",
        ["src/Relay.Node/Credentials/Authenticator.cs"] = "the dates of the fleet's users",
        // One that is behind by more than five minutes is found out, and lets nobody in.
        ["src/Relay.Node/Users/UserAge.cs"] = "how long the machine was off",
        ["src/Relay.Hosting/Fleet/CertificateOptions.cs"] = "warnings about certificates",
        ["src/Relay.Hosting/Fleet/EncryptedSilo.cs"] = "warnings about certificates",
        ["src/Relay.Hosting/Fleet/SiloTlsOptions.cs"] = "warnings about certificates",
        ["src/Relay.Hosting/Logging/JsonLogFormatter.cs"] = "the time of a log line",
        ["src/Relay.Hosting/Logging/TextLogFormatter.cs"] = "the time of a log line",
        // A step of an hour while another process writes costs that write, which is done again.
        ["src/Relay.Hosting/Files/WholeFile.cs"] = "which files a process that was killed has left",
        // A client that was told to retry within the ten seconds before a step of more than ten has to begin anew.
        ["src/Relay.Native/Quic/QuicPackets.cs"] = "the age of tokens, which outlive processes and travel between nodes",
    };

    [Fact]
    public void WallClock_IsReadToSayWhenSomethingWas_AndForNothingElse()
    {
        var readers = ((string[])["Relay.Protocol", "Relay.Native", "Relay.Hosting", "Relay.Node"])
            .SelectMany(static project => Directory.EnumerateFiles(
                Repository.PathOf($"src/{project}"), "*.cs", SearchOption.AllDirectories))
            .Where(static file => !file.Contains("/obj/", StringComparison.Ordinal) && Reading().IsMatch(File.ReadAllText(file)))
            .Select(static file => Path.GetRelativePath(Repository.PathOf("."), file));
        Assert.Equal(Readers.Keys.Order(StringComparer.Ordinal), readers.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"\bUtcNow\b|\bGetUtcNow\(|\bDateTime\.Now\b|\bDateTimeOffset\.Now\b|CLOCK_REALTIME|\bDateTime\.Today\b")]
    private static partial Regex Reading();
}
