using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Relay.Node.Tokens;

/// <summary>The keys that an issuer publishes (RFC 7517 §5), as far as they can be used here. Immutable.</summary>
internal sealed class JwtKeySet
{
    /// <summary>The largest document, in bytes.</summary>
    public const int MaxLength = 256 << 10;

    /// <summary>The most keys of one.</summary>
    public const int MaxKeys = 64;

    private readonly FrozenDictionary<(string Id, string Algorithm), JwtKey> _keys;

    private JwtKeySet(IEnumerable<JwtKey> keys, IReadOnlyList<string> leftOut)
    {
        // Of two of one name and kind (RFC 7517 §4.5: "SHOULD use distinct kid values") the first.
        _keys = keys.GroupBy(static key => (key.Id, key.Algorithm)).ToFrozenDictionary(
            static same => same.Key, static same => same.First());
        LeftOut = leftOut;
    }

    /// <summary>How many keys there are; at least one.</summary>
    public int Count => _keys.Count;

    /// <summary>Keys of the document that are not used, and why: a line each.</summary>
    public IReadOnlyList<string> LeftOut { get; }

    /// <summary>The key of a name that is used with an algorithm; null for none.</summary>
    public JwtKey? Find(string id, string algorithm) => _keys.GetValueOrDefault((id, algorithm));

    /// <summary>Whether a key of another reading is still there.</summary>
    public bool Has(JwtKey key) => Find(key.Id, key.Algorithm)?.Fingerprint == key.Fingerprint;

    /// <summary>Reads a document.</summary>
    /// <param name="content">UTF-8.</param>
    /// <param name="set">The keys.</param>
    /// <param name="error">Otherwise, what is wrong with it; no part of a key.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> content, [NotNullWhen(true)] out JwtKeySet? set, [NotNullWhen(false)] out string? error)
    {
        set = null;
        error = null;
        if (content.Length > MaxLength)
            error = $"larger than {MaxLength} bytes";
        else if (Read(content) is not { } keys)
            error = "not a JSON Web Key Set (RFC 7517)";
        else if (keys.Count > MaxKeys)
            error = $"more than {MaxKeys} keys";
        else
            set = Take(keys, out error);
        return set is not null;
    }

    private static IList<JsonWebKey>? Read(ReadOnlySpan<byte> content)
    {
        try
        {
            return JsonWebKeySet.Create(Encoding.UTF8.GetString(content)).Keys;
        }
        catch (Exception e) when (e is ArgumentException or JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private static JwtKeySet? Take(IList<JsonWebKey> all, out string? error)
    {
        var keys = new List<JwtKey>();
        var leftOut = new List<string>();
        for (var i = 0; i < all.Count; i++)
        {
            if (JwtKey.TryCreate(all[i], out var key, out var reason))
                keys.Add(key);
            else
                leftOut.Add($"key {i + 1}: {reason}");
        }
        error = keys.Count > 0 ? null : string.Join("; ", ["there is no key that can be used", .. leftOut]);
        return keys.Count > 0 ? new JwtKeySet(keys, leftOut) : null;
    }
}
