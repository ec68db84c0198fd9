using System.Collections;
using System.Text.RegularExpressions;

namespace Relay.Hosting.Options;

/// <summary>Reads <c>RELAY_…</c> environment variables.</summary>
/// <remarks>An empty variable counts as not set, as in most service managers' templates. Of unknown ones
/// <see cref="UnknownVariables"/> tells.</remarks>
public static partial class EnvironmentReader
{
    /// <summary>The variables of this process.</summary>
    public static IReadOnlyDictionary<string, string> OfProcess() => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .ToDictionary(
            static entry => (string)entry.Key, static entry => (string?)entry.Value ?? "", StringComparer.Ordinal);

    /// <summary>Takes the variables of options; the values of a repeatable one are separated by commas; one within braces
    /// is part of a value.</summary>
    public static GivenOptions Read(
        ProgramOptions program, IReadOnlyDictionary<string, string> environment)
    {
        var options = new GivenOptions();
        foreach (var option in program.All.Where(option => option.Places.HasFlag(OptionPlaces.Environment)))
        {
            if (!environment.TryGetValue(option.EnvironmentVariable, out string? text))
                continue;
            string[] texts = option.Kind == OptionKind.Repeatable
                ? [.. Comma().Split(text).Select(static value => value.Trim()).Where(static value => value.Length > 0)]
                : text.Length == 0 ? [] : [text];
            if (texts.Length > 0)
                options.Set(option, OptionValue.FromEnvironment(option.EnvironmentVariable, texts));
        }

        return options;
    }

    [GeneratedRegex(@",(?![^{}]*\})")]
    private static partial Regex Comma();
}
