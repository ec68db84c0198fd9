using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;

namespace Relay.Admin.Options;

/// <summary>
/// Gathers options: the command line wins over the environment, and that over the file of <c>--config</c>.
/// </summary>
internal static class OptionSources
{
    // Bundles and response files would give a meaning to "-abc" and "@name" that help does not mention.
    private static readonly ParserConfiguration Syntax =
        new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    /// <summary>Gathers them; what is not understood becomes an error.</summary>
    public static OptionValues Read(IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment)
    {
        var values = new OptionValues();
        ReadArguments(arguments, values);
        // An empty variable counts as not set; an unknown one is no error, since Kubernetes sets RELAY_SERVICE_HOST and
        // the like.
        foreach (var option in AdminOptions.All.Where(static option => option.IsInEnvironment))
        {
            if (environment.TryGetValue(option.EnvironmentVariable, out var text) && text.Length > 0)
                values.Take(option, text, $" (environment {option.EnvironmentVariable})");
        }
        if (values.Find(AdminOptions.Config) is { } path)
            values.Use(AdminOptions.Config, path, content => ReadFile(path, content, values));
        return values;
    }

    private static void ReadArguments(IReadOnlyList<string> arguments, OptionValues values)
    {
        var command = new Command("relay-admin");
        var symbols = AdminOptions.All.ToDictionary(static option => option, ToSymbol);
        foreach (var symbol in symbols.Values)
            command.Add(symbol);
        var parsed = CommandLineParser.Parse(command, arguments, Syntax);
        foreach (var token in parsed.UnmatchedTokens)
            values.Fail(token.StartsWith('-') ? token : $"'{token}'",
                token.StartsWith('-') ? "unknown option" : "an argument that belongs to no option");
        foreach (var (option, symbol) in symbols)
        {
            if (parsed.GetResult(symbol) is not { Implicit: false } result)
                continue;
            string[] texts = [.. result.Tokens.Select(static token => token.Value)];
            if (option.IsFlag)
                values.Take(option, texts.FirstOrDefault() ?? "true", "");
            else if (texts.Length < result.IdentifierTokenCount)
                values.Fail(option, "a value is missing");
            else if (texts.Length > 1)
                values.Fail(option, $"given {texts.Length} times, but takes one value");
            else if (AdminOptions.All.Any(other => other.Name == texts[0]))
                values.Fail(option, $"a value is missing: {texts[0]} follows");
            else
                values.Take(option, texts[0], "");
        }
    }

    private static Option ToSymbol(AdminOption option)
    {
        string[] aliases = option.Alias is null ? [] : [option.Alias];
        return option.IsFlag
            ? new Option<bool>(option.Name, aliases)
            : new Option<string[]>(option.Name, aliases) { Arity = ArgumentArity.OneOrMore };
    }

    private static bool ReadFile(string path, byte[] content, OptionValues values)
    {
        try
        {
            var syntax =
                new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };
            using var document = JsonDocument.Parse(content, syntax);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                values.Fail(path, "not a JSON object");
            else
                ReadObject(path, document.RootElement, values);
        }
        catch (JsonException e)
        {
            values.Fail(path, $"not JSON, line {e.LineNumber + 1} byte {e.BytePositionInLine + 1}");
        }
        return true;
    }

    private static void ReadObject(string path, JsonElement root, OptionValues values)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in root.EnumerateObject())
        {
            var subject = $"key \"{property.Name}\" in {path}";
            var option = AdminOptions.All.FirstOrDefault(option => option.Key == property.Name);
            if (option is null)
                values.Fail(subject, "unknown key");
            else if (!option.IsInFile)
                values.Fail(subject, "cannot be given in the file");
            else if (!seen.Add(property.Name))
                values.Fail(subject, "given more than once");
            else if (property.Value.ValueKind != JsonValueKind.String)
                values.Fail(subject, "expected a string");
            else
                values.Take(option, property.Value.GetString()!, $" ({subject})");
        }
    }
}
