using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Relay.Hosting.Options;

/// <summary>Makes values of options typed. What cannot be becomes an error, and something usable is returned so that
/// the rest is validated too.</summary>
public sealed class OptionReader(GivenOptions options, OptionErrors errors)
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

    /// <summary>Whether a value was given.</summary>
    public bool IsGiven(OptionDefinition option) => options.Find(option) is not null;

    /// <summary>Something is wrong with an option.</summary>
    public void Fail(OptionDefinition option, string message) => errors.Add(option, options.Find(option), message);

    /// <summary>Something is wrong that names its options itself.</summary>
    public void Fail(string line) => errors.Add(line);

    /// <summary>Something will be wrong, or is wrong for others.</summary>
    public void Warn(string line) => errors.Warn(line);

    /// <summary>Something is wrong with several options together.</summary>
    public void Fail(IEnumerable<OptionDefinition> together, string message) =>
        errors.Add(string.Join(", ", together.Select(static option => option.Name)), message);

    /// <summary>One of some words, in small letters.</summary>
    /// <param name="option">The option.</param>
    /// <param name="choices">The words.</param>
    /// <returns>The word; the option's default if none of them is given.</returns>
    public string Choice(OptionDefinition option, params string[] choices)
    {
        var text = Text(option);
        if (text is not null && choices.Contains(text.ToLowerInvariant()))
            return text.ToLowerInvariant();
        if (text is not null)
            Fail(option, $"'{text}' is not one of {string.Join(", ", choices)}");
        return option.DefaultText!;
    }

    /// <summary>An address to listen on, or <see langword="null"/>.</summary>
    public IPEndPoint? Address(OptionDefinition option)
    {
        if (Text(option) is not { } text)
            return null;
        if (!ListeningAddress.TryParse(text, out var address, out var error))
            Fail(option, error);
        return address;
    }

    /// <summary>What is in a file, or <see langword="null"/> where there is none that can be read.</summary>
    /// <param name="option">Names it.</param>
    /// <param name="openFile">Opens a file for reading.</param>
    public byte[]? Content(OptionDefinition option, Func<string, Stream> openFile)
    {
        if (Text(option) is not { } path)
            return null;
        var content = FileAccessCheck.TryUse(path, openFile, static (_, stream) =>
        {
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            return copy.ToArray();
        }, out var error);
        if (error is not null)
            Fail(option, error);
        return content;
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

    /// <summary>A time in whole seconds.</summary>
    public TimeSpan Seconds(
        OptionDefinition option, int whenAbsent, int lowest, int highest, string whyLowest = "") =>
        TimeSpan.FromSeconds(Integer(option, whenAbsent, lowest, highest, whyLowest));

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
