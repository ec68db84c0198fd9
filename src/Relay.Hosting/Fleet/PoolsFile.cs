using System.Text.Json;
using Relay.Fleet.Contract;
using Relay.Fleet.Leases;

namespace Relay.Hosting.Fleet;

/// <summary>
/// Reads the file of <c>--prefix-pools</c>: a JSON array of <c>{"name", "prefix", "blockLength"}</c>, with comments and
/// trailing commas, since a person wrote it.
/// </summary>
public static class PoolsFile
{
    private static readonly string[] Fields = ["name", "prefix", "blockLength"];

    private static readonly JsonDocumentOptions Syntax =
        new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Reads it.</summary>
    /// <param name="content">UTF-8.</param>
    /// <param name="fail">Hears of everything that is wrong.</param>
    /// <returns>The pools that can be defined.</returns>
    public static IReadOnlyList<PrefixPool> Read(ReadOnlyMemory<byte> content, Action<string> fail)
    {
        var pools = new List<PrefixPool>();
        try
        {
            using var document = JsonDocument.Parse(content, Syntax);
            if (document.RootElement.ValueKind != JsonValueKind.Array)
            {
                fail("not a JSON array");
                return [];
            }
            foreach (var (i, element) in document.RootElement.EnumerateArray().Index())
            {
                if (ReadPool(element, message => fail($"pool {i + 1}: {message}"), pools) is { } pool)
                    pools.Add(pool);
            }
        }
        catch (JsonException e)
        {
            fail($"not JSON, line {e.LineNumber + 1} byte {e.BytePositionInLine + 1}");
        }
        catch (InvalidOperationException)
        {
            // Bytes that are no UTF-8, or a text that is not UTF-16 once its escapes are read, such as "\ud800".
            fail("a text is not Unicode");
        }
        return pools;
    }

    private static PrefixPool? ReadPool(JsonElement element, Action<string> fail, List<PrefixPool> others)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            fail("a JSON object is wanted");
            return null;
        }
        foreach (var field in element.EnumerateObject().CountBy(static field => field.Name))
        {
            if (!Fields.Contains(field.Key))
                fail($"{field.Key}: unknown field");
            else if (field.Value > 1)
                fail($"{field.Key}: given more than once");
        }
        if (TextOf("name") is var name && name is not null && !Names.IsPool(name))
            fail("name: not " + Names.PoolRule);
        var hasPrefix = Prefix.TryParse(TextOf("prefix"), out var prefix);
        if (!hasPrefix && element.TryGetProperty("prefix", out _))
            fail("prefix: an address prefix is wanted, such as 2001:db8::/64");
        var length = 0;
        var hasLength = element.TryGetProperty("blockLength", out var value)
            && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out length);
        if (value.ValueKind == JsonValueKind.Undefined)
            fail("blockLength: required");
        else if (!hasLength)
            fail("blockLength: a whole number is wanted");
        if (!Names.IsPool(name) || !hasPrefix || !hasLength)
            return null;
        var pool = new PrefixPool { Name = name, Prefix = prefix, BlockLength = length };
        if (CatalogDecider.FaultOf(pool) is var (wrong, detail))
            fail($"{wrong}: {detail}");
        foreach (var other in others)
        {
            if (other.Name == pool.Name)
                fail($"the name {pool.Name} is there twice");
            if (other.Prefix.Overlaps(pool.Prefix))
                fail($"{pool.Prefix} overlaps {other.Prefix} of {other.Name}");
        }
        return pool;

        string? TextOf(string field)
        {
            if (!element.TryGetProperty(field, out var text))
                fail($"{field}: required");
            else if (text.ValueKind == JsonValueKind.String)
                return text.GetString();
            else if (field == "name")
                fail($"{field}: a text is wanted");
            return null;
        }
    }
}
