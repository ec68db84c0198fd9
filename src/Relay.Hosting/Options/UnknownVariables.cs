using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace Relay.Hosting.Options;

/// <summary>
/// Variables that begin as those of options do and are of none: most often one that was misspelt, and so does nothing.
/// </summary>
/// <remarks>
/// They are no error: others may set them for others. What Kubernetes sets in every pod beside a service whose name begins with
/// "relay" ("service links": <c>RELAY_ADMIN_SERVICE_HOST</c>, <c>RELAY_ADMIN_PORT</c>, <c>RELAY_ADMIN_PORT_8480_TCP_ADDR</c>) is not
/// even told of.
/// </remarks>
public static partial class UnknownVariables
{
    private const string Prefix = "RELAY_";
    private const string Host = "_SERVICE_HOST";

    /// <summary>No more are told of by name.</summary>
    private const int MaxNamed = 8;

    /// <summary>relayctl's: an operator's shell has them for it.</summary>
    private static readonly string[] OfOthers = ["RELAY_ADMIN_URL", "RELAY_ADMIN_TOKEN"];

    /// <summary>A line for each, by name, and one for those beyond a few.</summary>
    /// <param name="program">Whose options there are.</param>
    /// <param name="environment">Environment variables.</param>
    public static IReadOnlyList<string> Find(ProgramOptions program, IReadOnlyDictionary<string, string> environment)
    {
        string[] known =
        [
            .. program.All.Where(static option => option.Places.HasFlag(OptionPlaces.Environment))
                .Select(static option => option.EnvironmentVariable),
        ];
        string[] services = [.. environment.Keys.Where(static name => name.EndsWith(Host, StringComparison.Ordinal))
            .Select(static name => name[..^Host.Length])];
        var unknown = environment.Keys.Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Except(known).Except(OfOthers).Where(name => !services.Any(service => IsLink(name, service)))
            .Order(StringComparer.Ordinal).ToList();
        var lines = unknown.Take(MaxNamed)
            .Select(name => $"environment variable {OptionErrors.Clean(name)}: of no option{Suggestion.For(name, known)}");
        return unknown.Count <= MaxNamed ? [.. lines]
            : [.. lines, $"environment: {unknown.Count - MaxNamed} more variables that begin with {Prefix} are of no option"];
    }

    /// <summary>Logs them.</summary>
    /// <param name="log">The log.</param>
    /// <param name="program">Whose options there are.</param>
    /// <param name="environment">Environment variables.</param>
    public static void Warn(ILogger log, ProgramOptions program, IReadOnlyDictionary<string, string> environment)
    {
        foreach (var line in Find(program, environment))
            Log.UnknownVariable(log, line);
    }

    private static bool IsLink(string name, string service) =>
        name.StartsWith(service, StringComparison.Ordinal) && Link().IsMatch(name.AsSpan(service.Length));

    // Kubernetes' own, and those of Docker's links, which it sets as well.
    [GeneratedRegex("^(_SERVICE_HOST|_SERVICE_PORT(_[A-Z0-9_]+)?|_PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?)$")]
    private static partial Regex Link();
}
