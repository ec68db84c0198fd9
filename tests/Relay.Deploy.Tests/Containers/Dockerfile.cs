using System.Text.Json;
using System.Text.RegularExpressions;

namespace Relay.Deploy.Tests.Containers;

/// <summary>What deploy/docker/Dockerfile says, as far as these tests do the same by hand.</summary>
internal sealed partial class Dockerfile
{
    private readonly string _text = Repository.Read("deploy/docker/Dockerfile");

    /// <summary>What every start command is given to.</summary>
    public string[] Entry => JsonSerializer.Deserialize<string[]>(EntryPoint().Match(_text).Groups[1].Value)!;

    /// <summary>The start command.</summary>
    public string[] Command => JsonSerializer.Deserialize<string[]>(Start().Match(_text).Groups[1].Value)!;

    /// <summary>The health check.</summary>
    public string[] HealthCheck => JsonSerializer.Deserialize<string[]>(Health().Match(_text).Groups[1].Value)!;

    /// <summary>The user and group that it runs as.</summary>
    public string User => UserLine().Match(_text).Groups[1].Value;

    /// <summary>What setcap gives to which file.</summary>
    public (string Capabilities, string File) FileCapability =>
        (SetCap().Match(_text).Groups[1].Value, SetCap().Match(_text).Groups[2].Value);

    /// <summary>The environment that the image sets.</summary>
    public IEnumerable<string> Environment =>
        Variables().Match(_text).Groups[1].Value.Split([' ', '\\', '\n'], StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Every path under /opt/relayfleet that it copies from the repository, with where from.</summary>
    public IEnumerable<(string From, string To)> Copies =>
        Copy().Matches(_text).Select(static one => (one.Groups[1].Value, one.Groups[2].Value));

    /// <summary>Debian packages of the last stage.</summary>
    public string[] Packages => Install().Matches(_text)[^1].Groups[1].Value
        .Split([' ', '\\', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(static name => name.Split('/')[0]).ToArray();

    /// <summary>Ports that it says it listens on, each with its protocol.</summary>
    public string[] Ports => Expose().Match(_text).Groups[1].Value.Split(' ');

    [GeneratedRegex(@"^ENTRYPOINT (\[.*\])$", RegexOptions.Multiline)]
    private static partial Regex EntryPoint();

    [GeneratedRegex(@"^CMD (\[.*\])$", RegexOptions.Multiline)]
    private static partial Regex Start();

    [GeneratedRegex(@"HEALTHCHECK[^\[]*CMD (\[.*\])")]
    private static partial Regex Health();

    [GeneratedRegex(@"^USER (\S+)$", RegexOptions.Multiline)]
    private static partial Regex UserLine();

    [GeneratedRegex(@"^EXPOSE (.+)$", RegexOptions.Multiline)]
    private static partial Regex Expose();

    [GeneratedRegex(@"setcap (\S+) (\S+)")]
    private static partial Regex SetCap();

    [GeneratedRegex(@"^ENV ((?:.*\\\n)*.*)$", RegexOptions.Multiline)]
    private static partial Regex Variables();

    [GeneratedRegex(@"^COPY (deploy\S+) (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Copy();

    [GeneratedRegex(@"--no-install-recommends ([^&]+)&&")]
    private static partial Regex Install();
}
