using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Relay.Admin.Http;

/// <summary>
/// Reads a JSON object into a record, field by field: the serializer alone would stop at the first that is wrong.
/// </summary>
internal static class JsonBody
{
    private const int MaxDepth = 8;

    /// <summary>Reads what can be read, and notes what cannot.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="type">The record; its members are optional.</param>
    /// <param name="errors">Receives unknown, repeated and mistyped fields.</param>
    /// <returns>The record without its wrong fields; null where there is no JSON object.</returns>
    public static T? Read<T>(ReadOnlyMemory<byte> json, JsonTypeInfo<T> type, FieldErrors errors)
        where T : class
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                errors.Add("", "a JSON object is wanted");
                return null;
            }
            var sound = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(sound))
                Copy(document.RootElement, type, "", errors, writer);
            return JsonSerializer.Deserialize(sound.WrittenSpan, type);
        }
        catch (JsonException exception)
        {
            errors.Add("", $"not JSON, at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}");
            return null;
        }
        catch (InvalidOperationException)
        {
            // A text that is not UTF-16 once its escapes are read, such as "\ud800".
            errors.Add("", "a text is not Unicode");
            return null;
        }
    }

    private static void Copy(
        JsonElement element, JsonTypeInfo type, string path, FieldErrors errors, Utf8JsonWriter writer)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        writer.WriteStartObject();
        foreach (var field in element.ValueKind == JsonValueKind.Object ? element.EnumerateObject() : default)
        {
            var name = path + field.Name;
            var property = type.Properties.FirstOrDefault(property => property.Name == field.Name);
            if (property is null)
                errors.Add(name, "unknown field");
            else if (!seen.Add(field.Name))
                errors.Add(name, "given more than once");
            else if (field.Value.ValueKind == JsonValueKind.Null)
                continue;
            else if (type.Options.GetTypeInfo(property.PropertyType) is { Kind: JsonTypeInfoKind.Object } inner)
            {
                writer.WritePropertyName(field.Name);
                CopyObject(field.Value, inner, name, errors, writer);
            }
            else if (ItemOf(property.PropertyType, type.Options) is { } item && field.Value.ValueKind == JsonValueKind.Array)
            {
                writer.WriteStartArray(field.Name);
                foreach (var (index, one) in field.Value.EnumerateArray().Index())
                    CopyObject(one, item, $"{name}[{index}]", errors, writer);
                writer.WriteEndArray();
            }
            else if (Fault(field.Value, type.Options.GetTypeInfo(property.PropertyType)) is { } fault)
                errors.Add(name, fault);
            else
                field.WriteTo(writer);
        }
        writer.WriteEndObject();
    }

    // Empty where it is none: it is wrong, and not absent.
    private static void CopyObject(JsonElement value, JsonTypeInfo type, string name, FieldErrors errors, Utf8JsonWriter writer)
    {
        if (value.ValueKind != JsonValueKind.Object)
            errors.Add(name, "an object is wanted");
        Copy(value, type, name + ".", errors, writer);
    }

    // What a list of records is a list of; null for any other type.
    private static JsonTypeInfo? ItemOf(Type list, JsonSerializerOptions options) =>
        list is { IsGenericType: true, GenericTypeArguments: [var item] } && typeof(System.Collections.IEnumerable).IsAssignableFrom(list)
        && options.GetTypeInfo(item) is { Kind: JsonTypeInfoKind.Object } type ? type : null;

    private static string? Fault(JsonElement value, JsonTypeInfo type)
    {
        var wanted = Wanted(Nullable.GetUnderlyingType(type.Type) ?? type.Type);
        try
        {
            JsonSerializer.Deserialize(value, type);
            return HasNull(value) ? wanted ?? "null in it" : null;
        }
        catch (JsonException exception)
        {
            return wanted ?? Sentence(exception.Message);
        }
    }

    // The serializer takes null for a text in a list.
    private static bool HasNull(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.EnumerateArray().Any(static one => one.ValueKind == JsonValueKind.Null || HasNull(one)),
        JsonValueKind.Object => value.EnumerateObject().Any(static one => one.Value.ValueKind == JsonValueKind.Null),
        _ => false,
    };

    private static string? Wanted(Type type)
    {
        if (type == typeof(int) || type == typeof(long))
            return "a whole number is wanted";
        if (type == typeof(string))
            return "a text is wanted";
        if (type == typeof(bool))
            return "true or false is wanted";
        if (type.IsEnum)
            return $"one of {string.Join(", ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName))} is wanted";
        if (type == typeof(byte[]))
            return "a text in base64 is wanted";
        if (type == typeof(DateTimeOffset))
            return "a time such as 2026-01-31T12:00:00Z is wanted";
        if (type == typeof(IReadOnlyDictionary<string, string>))
            return "an object of texts is wanted";
        if (type == typeof(IReadOnlyList<IReadOnlyList<string>>))
            return "an array of arrays of texts is wanted";
        return type == typeof(IReadOnlyList<string>) ? "an array of texts is wanted" : null;
    }

    /// <summary>A message of the serializer without its addition on where in its input it was.</summary>
    internal static string Sentence(string message)
    {
        var end = message.IndexOf(" Path:", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }
}
