using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Relay.Node.Options;

/// <summary>Makes values of options typed. What cannot be becomes an error, and something usable is returned so that
/// the rest is validated too.</summary>
internal sealed class OptionReader(NodeOptions options, OptionErrors errors)
{
    /// <summary>Reads one value of a repeatable option.</summary>
    public delegate bool TextParser<T>(
        string text, [NotNullWhen(true)] out T? value, [NotNullWhen(false)] out string? error);

    /// <summary>A text that is not empty, or <see langword="null"/>.</summary>
    public string? Text(OptionDefinition option)
    {
        if (options.Find(option) is not { } value)
            return null;
        if (value.Texts[0].Length > 0)
            return value.Texts[0];
        errors.Add(option, value, "empty");
        return null;
    }

    /// <summary>A whole number within bounds.</summary>
    /// <param name="option">The option.</param>
    /// <param name="whenAbsent">The number if none is given, or none that is within bounds.</param>
    /// <param name="lowest">The least.</param>
    /// <param name="highest">The most.</param>
    /// <param name="whyLowest">An addition to the message about a number below <paramref name="lowest"/>.</param>
    public int Integer(OptionDefinition option, int whenAbsent, int lowest, int highest, string whyLowest = "")
    {
        if (options.Find(option) is not { } value)
            return whenAbsent;
        string text = value.Texts[0];
        string? error = null;
        if (!Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            error = $"'{text}' is not a whole number";
        else if (number < lowest)
            error = $"{text} is below {lowest}{whyLowest}";
        else if (number > highest)
            error = $"{text} is above {highest}";
        if (error is null)
            return (int)number;
        errors.Add(option, value, error);
        return whenAbsent;
    }

    /// <summary>A time in whole seconds, up to a week.</summary>
    public TimeSpan Seconds(OptionDefinition option, int whenAbsent, int lowest, string whyLowest = "") =>
        TimeSpan.FromSeconds(Integer(option, whenAbsent, lowest, NodeDefaults.TimeoutCeiling, whyLowest));

    /// <summary>All values of a repeatable option that can be read.</summary>
    public ImmutableArray<T> List<T>(OptionDefinition option, TextParser<T> parse)
        where T : class
    {
        if (options.Find(option) is not { } given)
            return [];
        var list = ImmutableArray.CreateBuilder<T>(given.Texts.Length);
        foreach (string text in given.Texts)
        {
            if (parse(text, out var value, out string? error))
                list.Add(value);
            else
                errors.Add(option, given, error);
        }

        return list.ToImmutable();
    }

    /// <summary>Whether a flag is set.</summary>
    public bool Flag(OptionDefinition option)
    {
        if (options.Find(option) is not { } value)
            return false;
        string text = value.Texts[0].ToLowerInvariant();
        if (text is not ("true" or "false" or "1" or "0"))
            errors.Add(option, value, $"'{value.Texts[0]}' is not true or false");
        return text is "true" or "1";
    }
}
