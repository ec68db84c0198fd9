using System.Text.Json;

namespace Relay.Hosting.Options;

/// <summary>Reads the JSON file of <c>--config</c>: one object, whose keys are long names without dashes in front.
/// </summary>
/// <remarks>Comments and trailing commas are accepted. A relative path in the file is relative to the working
/// directory, as it would be on the command line.</remarks>
public static class ConfigFileReader
{
    /// <summary>The largest file, in bytes.</summary>
    public const int MaxLength = 1 << 20;

    private static readonly JsonDocumentOptions Syntax =
        new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Reads the file; what is not understood becomes an error.</summary>
    /// <param name="program">Whose options they are.</param>
    /// <param name="path">Its path, as given.</param>
    /// <param name="content">The open file; the caller closes it.</param>
    /// <param name="errors">Receives what is wrong.</param>
    /// <returns>The options, or <see langword="null"/> if the file is no JSON object at all.</returns>
    /// <exception cref="IOException">It could not be read.</exception>
    public static GivenOptions? Read(ProgramOptions program, string path, Stream content, OptionErrors errors)
    {
        if (!TryReadAll(content, out var bytes))
        {
            errors.Add(path, $"larger than {MaxLength} bytes");
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(bytes, Syntax);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return ReadObject(program, path, document.RootElement, errors);
            errors.Add(path, "not a JSON object");
        }
        catch (JsonException exception)
        {
            errors.Add(path, $"not JSON, line {exception.LineNumber + 1} byte {exception.BytePositionInLine + 1}");
        }
        catch (InvalidOperationException)
        {
            // Bytes that are no UTF-8, or a text that is not UTF-16 once its escapes are read, such as "\ud800".
            errors.Add(path, "a text is not Unicode");
        }

        return null;
    }

    private static bool TryReadAll(Stream content, out ReadOnlyMemory<byte> bytes)
    {
        byte[] buffer = new byte[MaxLength + 1];
        int length = content.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        bytes = buffer.AsMemory(0, length);
        if (bytes.Span.StartsWith("\uFEFF"u8))
            bytes = bytes[3..];
        return length <= MaxLength;
    }

    private static GivenOptions ReadObject(
        ProgramOptions program, string path, JsonElement root, OptionErrors errors)
    {
        var options = new GivenOptions();
        foreach (var property in root.EnumerateObject())
        {
            string key = property.Name;
            string subject = $"key \"{key}\" in {path}";
            var option = program.All.FirstOrDefault(option => option.Key == key);
            if (option is null)
                errors.Add(subject, "unknown key" + Suggestion.For(key, program.All.Select(static option => option.Key)));
            else if (!option.Places.HasFlag(OptionPlaces.File))
                errors.Add(subject, "cannot be given in the file");
            else if (options.Find(option) is not null)
                errors.Add(subject, "given more than once");
            else if (Texts(option, property.Value) is not { } texts)
                errors.Add(subject, $"expected {Expected(option)}");
            else if (texts.Length > 0)
                options.Set(option, OptionValue.FromFile(path, key, texts));
        }

        return options;
    }

    private static string[]? Texts(OptionDefinition option, JsonElement value) => (option.Kind, value.ValueKind) switch
    {
        (OptionKind.Flag, JsonValueKind.True) => ["true"],
        (OptionKind.Flag, JsonValueKind.False) => ["false"],
        (OptionKind.Single, JsonValueKind.Number) => [value.GetRawText()],
        (OptionKind.Single or OptionKind.Repeatable, JsonValueKind.String) => [value.GetString()!],
        (OptionKind.Repeatable, JsonValueKind.Array)
            when value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) =>
            [.. value.EnumerateArray().Select(item => item.GetString()!)],
        _ => null,
    };

    private static string Expected(OptionDefinition option) => option.Kind switch
    {
        OptionKind.Flag => "true or false",
        OptionKind.Repeatable => "an array of strings",
        _ => "a string or a number",
    };
}
