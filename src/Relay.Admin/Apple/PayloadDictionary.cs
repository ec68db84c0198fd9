using System.Collections;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Relay.Admin.Apple;

/// <summary>
/// Keys and values in their order, as Apple's schema has them: of a configuration profile, a property list, or of a
/// declaration, JSON. A value is a text, a number, true or false, bytes, a time, a dictionary, or a list of those.
/// </summary>
internal sealed class PayloadDictionary : IEnumerable<KeyValuePair<string, object>>
{
    private readonly List<KeyValuePair<string, object>> _entries = [];

    /// <summary>How many keys there are.</summary>
    public int Count => _entries.Count;

    /// <summary>Adds a key; what is null or an empty list is left out.</summary>
    public void Add(string key, object? value)
    {
        if (value is not (null or IReadOnlyCollection<object> { Count: 0 }))
            _entries.Add(new(key, value));
    }

    /// <summary>Adds all keys of another.</summary>
    public PayloadDictionary With(PayloadDictionary other)
    {
        _entries.AddRange(other._entries);
        return this;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>As JSON: bytes in base64, a time by RFC 3339.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject();
        foreach (var (key, value) in _entries)
            json[key] = ToJson(value);
        return json;
    }

    /// <summary>A time as property lists and JSON have it.</summary>
    public static string TextOf(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static JsonNode ToJson(object value) => value switch
    {
        string text => text,
        bool truth => truth,
        int number => number,
        byte[] bytes => Convert.ToBase64String(bytes),
        DateTimeOffset time => TextOf(time),
        PayloadDictionary dictionary => dictionary.ToJson(),
        IEnumerable<object> list => new JsonArray([.. list.Select(ToJson)]),
        _ => throw new ArgumentException($"a {value.GetType()} in a payload", nameof(value)),
    };
}
