using System.CommandLine;
using System.CommandLine.Parsing;

namespace Relay.Hosting.Options;

/// <summary>Reads the command line.</summary>
/// <remarks>Only the syntax is left to the parser library: values stay text, since the same rules hold for values of
/// variables and files, and all errors are to be reported together.</remarks>
public static class ArgumentReader
{
    // Bundles and response files would give a meaning to "-abc" and "@name" that help does not mention.
    private static readonly ParserConfiguration Configuration =
        new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    /// <summary>Reads arguments; what is not understood becomes an error.</summary>
    public static GivenOptions Read(
        ProgramOptions program, IReadOnlyList<string> arguments, OptionErrors errors)
    {
        var symbols = program.All.ToDictionary(option => option, ToSymbol);
        var command = new Command(program.Program);
        foreach (var symbol in symbols.Values)
            command.Add(symbol);

        var parsed = CommandLineParser.Parse(command, arguments, Configuration);
        foreach (string token in parsed.UnmatchedTokens)
        {
            if (token.StartsWith('-'))
                errors.Add(token, "unknown option" + SuggestionFor(program, token));
            else
                errors.Add($"'{token}'", "an argument that belongs to no option");
        }

        var options = new GivenOptions();
        foreach (var option in program.All)
        {
            if (parsed.GetResult(symbols[option]) is { Implicit: false } result)
                Bind(program, option, result, options, errors);
        }

        return options;
    }

    private static Option ToSymbol(OptionDefinition option)
    {
        string[] aliases = option.Alias is null ? [] : [option.Alias];
        return option.Kind == OptionKind.Flag
            ? new Option<bool>(option.Name, aliases)
            : new Option<string[]>(option.Name, aliases) { Arity = ArgumentArity.OneOrMore };
    }

    private static void Bind(
        ProgramOptions program, OptionDefinition option, OptionResult result, GivenOptions options, OptionErrors errors)
    {
        string[] texts = [.. result.Tokens.Select(token => token.Value)];
        if (option.Kind == OptionKind.Flag && texts.Length == 0)
            texts = ["true"];
        if (texts.Length < result.IdentifierTokenCount && option.Kind != OptionKind.Flag)
            errors.Add(option, null, "a value is missing");
        else if (texts.Length > 1 && option.Kind != OptionKind.Repeatable)
            errors.Add(option, null, $"given {texts.Length} times, but takes one value");
        else if (texts.FirstOrDefault(text => IsOptionName(program, text)) is { } name)
            errors.Add(option, null, $"a value is missing: {name} follows");
        else
            options.Set(option, OptionValue.FromCommandLine(texts));
    }

    // A short name is near to every other.
    private static string SuggestionFor(ProgramOptions program, string token) =>
        token.StartsWith("--", StringComparison.Ordinal)
            ? Suggestion.For(token.Split('=')[0], program.All.Select(static option => option.Name)) : "";

    private static bool IsOptionName(ProgramOptions program, string text) =>
        program.All.Any(option => option.Name == text || option.Alias == text);
}
