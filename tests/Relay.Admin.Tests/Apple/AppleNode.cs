using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;
using System.Xml.Linq;

namespace Relay.Admin.Tests.Apple;

/// <summary>A value of a property list, or of JSON, with the type that Apple's schema names it by.</summary>
internal sealed record AppleNode(string Type, string Text)
{
    public Dictionary<string, AppleNode> Keys { get; } = new(StringComparer.Ordinal);

    public List<AppleNode> Items { get; } = [];

    public AppleNode this[string key] => Keys.TryGetValue(key, out var value)
        ? value : throw new KeyNotFoundException($"no {key} beside {string.Join(", ", Keys.Keys)}");

    public AppleNode this[int index] => Items[index];

    public string[] Texts => [.. Items.Select(static item => item.Text)];

    /// <summary>The payloads of a profile of a type.</summary>
    public IEnumerable<AppleNode> Payloads(string type) =>
        this["PayloadContent"].Items.Where(payload => payload["PayloadType"].Text == type);

    /// <summary>Reads a property list: well-formed, with Apple's document type, and nothing else than what one has.</summary>
    public static AppleNode OfPropertyList(byte[] bytes)
    {
        using var reader = XmlReader.Create(
            new MemoryStream(bytes), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore, XmlResolver = null });
        var plist = XDocument.Load(reader).Root!;
        Assert.Equal("plist", plist.Name);
        Assert.Contains("-//Apple//DTD PLIST 1.0//EN", Encoding.UTF8.GetString(bytes), StringComparison.Ordinal);
        return Of(plist.Elements().Single());
    }

    public static AppleNode OfJson(JsonNode json)
    {
        switch (json.GetValueKind())
        {
            case JsonValueKind.Object:
                var dictionary = new AppleNode("dictionary", "");
                foreach (var (key, value) in json.AsObject())
                    dictionary.Keys.Add(key, OfJson(value!));
                return dictionary;
            case JsonValueKind.Array:
                var array = new AppleNode("array", "");
                array.Items.AddRange(json.AsArray().Select(static item => OfJson(item!)));
                return array;
            case JsonValueKind.String:
                return new AppleNode("string", (string)json!);
            case JsonValueKind.Number:
                return new AppleNode("integer", $"{(long)json}");
            default:
                return new AppleNode("boolean", (bool)json ? "true" : "false");
        }
    }

    private static AppleNode Of(XElement element)
    {
        switch (element.Name.LocalName)
        {
            case "dict":
                var dictionary = new AppleNode("dictionary", "");
                foreach (var pair in element.Elements().Chunk(2))
                {
                    Assert.Equal("key", pair[0].Name);
                    dictionary.Keys.Add(pair[0].Value, Of(pair[1]));
                }
                return dictionary;
            case "array":
                var array = new AppleNode("array", "");
                array.Items.AddRange(element.Elements().Select(Of));
                return array;
            case "true" or "false":
                return new AppleNode("boolean", element.Name.LocalName);
            case "string" or "integer" or "data" or "date":
                return new AppleNode(element.Name.LocalName, element.Value);
            default:
                throw new InvalidDataException($"<{element.Name}> in a property list");
        }
    }
}
