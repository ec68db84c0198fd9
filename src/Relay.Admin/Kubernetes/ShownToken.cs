using System.Buffers.Text;
using System.Text.Json;

namespace Relay.Admin.Kubernetes;

/// <summary>
/// What a service account's token (a JWT, RFC 7519) says of itself. Nobody has looked at its signature: what it says decides
/// only whether the API server is asked at all, so that not everything that a stranger shows is a request to it.
/// </summary>
/// <param name="Expires">Until when it is one.</param>
internal sealed record ShownToken(DateTimeOffset Expires)
{
    /// <summary>The longest token that is looked at.</summary>
    public const int MaxLength = 8192;

    /// <summary>Reads one; null for what is none, has expired, or is of another account or for somebody else.</summary>
    public static ShownToken? TryRead(string text, KubernetesConfig config, DateTimeOffset now)
    {
        if (text.Length > MaxLength || text.Split('.') is not [{ Length: > 0 }, var payload, { Length: > 0 }] || !Base64Url.IsValid(payload))
            return null;
        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            return claims.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("sub", out var subject) && subject.ValueKind == JsonValueKind.String
                && subject.ValueEquals(config.UserName)
                && root.TryGetProperty("aud", out var audience) && IsFor(audience, config.Audience)
                && root.TryGetProperty("exp", out var expires) && expires.ValueKind == JsonValueKind.Number
                && expires.TryGetInt64(out var seconds) && seconds > now.ToUnixTimeSeconds()
                ? new ShownToken(DateTimeOffset.FromUnixTimeSeconds(Math.Min(seconds, now.ToUnixTimeSeconds() + 1_000_000_000)))
                : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private static bool IsFor(JsonElement audience, string name) => audience.ValueKind switch
    {
        JsonValueKind.String => audience.ValueEquals(name),
        JsonValueKind.Array => audience.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.ValueEquals(name)),
        _ => false,
    };
}
