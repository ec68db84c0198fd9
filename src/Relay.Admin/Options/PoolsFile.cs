using System.Text.Json;
using Relay.Admin.Http;
using Relay.Admin.Resources;
using Relay.Fleet.Contract;

namespace Relay.Admin.Options;

/// <summary>
/// Reads the file of <c>--prefix-pools</c>: a JSON array of <c>{"name", "prefix", "blockLength"}</c>.
/// </summary>
internal static class PoolsFile
{
    /// <summary>Reads it.</summary>
    /// <param name="content">UTF-8.</param>
    /// <param name="fail">Hears of everything that is wrong.</param>
    public static IReadOnlyList<PrefixPool> Read(byte[] content, Action<string> fail)
    {
        var pools = new List<PrefixPool>();
        try
        {
            using var document = JsonDocument.Parse(
                content, new JsonDocumentOptions
                {
                    AllowTrailingCommas = true,
                    CommentHandling = JsonCommentHandling.Skip
                });
            if (document.RootElement.ValueKind != JsonValueKind.Array)
            {
                fail("not a JSON array");
                return [];
            }
            foreach (var (i, element) in document.RootElement.EnumerateArray().Index())
                ReadPool(element, $"pool {i + 1}", pools, fail);
        }
        catch (JsonException e)
        {
            fail($"not JSON, line {e.LineNumber + 1} byte {e.BytePositionInLine + 1}");
        }
        return pools;
    }

    private static void ReadPool(JsonElement element, string subject, List<PrefixPool> pools, Action<string> fail)
    {
        var errors = new FieldErrors();
        var body = JsonBody.Read(
            JsonSerializer.SerializeToUtf8Bytes(element, AdminJson.Default.JsonElement),
            AdminJson.Default.NamedPoolBody, errors);
        body?.Validate(errors);
        foreach (var (field, messages) in errors.ToDictionary())
            fail(field.Length == 0 ? $"{subject}: {messages[0]}" : $"{subject}: {field}: {messages[0]}");
        if (!errors.IsEmpty)
            return;
        var pool = body!.ToPool();
        foreach (var other in pools)
        {
            if (other.Name == pool.Name)
                fail($"{subject}: the name {pool.Name} is there twice");
            if (other.Prefix.Overlaps(pool.Prefix))
                fail($"{subject}: {pool.Prefix} overlaps {other.Prefix} of {other.Name}");
        }
        pools.Add(pool);
    }
}

/// <summary>A pool with its name.</summary>
internal sealed record NamedPoolBody : IRequestBody
{
    /// <summary>Its name: 1 to 63 of <c>a-z 0-9 -</c>.</summary>
    public string? Name { get; init; }

    /// <inheritdoc cref="PoolBody.Prefix"/>
    public Prefix? Prefix { get; init; }

    /// <inheritdoc cref="PoolBody.BlockLength"/>
    public int? BlockLength { get; init; }

    /// <inheritdoc/>
    public void Validate(FieldErrors errors)
    {
        if (Name is null && !errors.Has("name"))
            errors.Add("name", "required");
        else if (Name is not null && !PoolBody.IsName(Name))
            errors.Add("name", "not 1 to 63 of a-z, 0-9 and -");
        new PoolBody { Prefix = Prefix, BlockLength = BlockLength }.Validate(errors);
    }

    /// <summary>The pool, of what is valid.</summary>
    public PrefixPool ToPool() => new() { Name = Name!, Prefix = Prefix!.Value, BlockLength = BlockLength!.Value };
}
