using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Relay.Fleet.Contract;
using Relay.Fleet.Json;

namespace Relay.Fleet.Local;

/// <summary>
/// A file that defines pools: <c>[{ "name": "v6", "prefix": "2001:db8::/40", "blockLength": 64 }]</c>. Comments and
/// trailing commas are allowed; a field that is not known is an error.
/// </summary>
public static class PoolsFile
{
    private static readonly JsonSerializerOptions Options = AbsentFields.Keep(PoolsFileJson.Default);

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">It is not what it should be; the message says where.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static IReadOnlyList<PrefixPool> Read(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (FormatException e)
        {
            throw new FormatException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>Reads a file's text.</summary>
    /// <exception cref="FormatException">It is not what it should be; the message says where.</exception>
    public static IReadOnlyList<PrefixPool> Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(
                    text, (JsonTypeInfo<IReadOnlyList<PrefixPool>>)Options.GetTypeInfo(typeof(IReadOnlyList<PrefixPool>)))
                ?? throw new FormatException("an array of pools is wanted");
        }
        catch (JsonException e)
        {
            throw new FormatException(e.Message, e);
        }
    }
}

/// <summary>The file's JSON: strict where the fleet's own is lenient, since a person wrote it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(IReadOnlyList<PrefixPool>))]
internal sealed partial class PoolsFileJson : JsonSerializerContext;
