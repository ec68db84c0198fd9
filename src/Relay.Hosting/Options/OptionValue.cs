using System.Collections.Immutable;

namespace Relay.Hosting.Options;

/// <summary>What was given for an option, as text, and where.</summary>
/// <param name="Texts">The values, at least one.</param>
/// <param name="Source">Where, as an addition to the option's name in messages: empty for the command line.</param>
public sealed record OptionValue(ImmutableArray<string> Texts, string Source)
{
    /// <summary>From the command line.</summary>
    public static OptionValue FromCommandLine(IEnumerable<string> texts) => new([.. texts], "");

    /// <summary>From an environment variable.</summary>
    public static OptionValue FromEnvironment(string variable, IEnumerable<string> texts) =>
        new([.. texts], $" (environment {variable})");

    /// <summary>From a key of a file.</summary>
    public static OptionValue FromFile(string path, string key, IEnumerable<string> texts) =>
        new([.. texts], $" (key \"{key}\" in {path})");
}
