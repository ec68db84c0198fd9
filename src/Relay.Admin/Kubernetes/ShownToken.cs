using System.Buffers.Text;
using System.Text.Json;
using Relay.Fleet.Contract;

namespace Relay.Admin.Kubernetes;

/// <summary>
/// What a service account's token (a JWT, RFC 7519) says of itself. Nobody has looked at its signature: what it says decides
/// only whether the API server is asked at all, so that not everything that a stranger shows is a request to it.
/// </summary>
/// <param name="Expires">Until when it is one.</param>
/// <param name="Node">The machine that it is for; null where it says none.</param>
internal sealed record ShownToken(DateTimeOffset Expires, string? Node)
{
    /// <summary>The longest token that is looked at.</summary>
    public const int MaxLength = 8192;

    // A namespace and an account, of 63 and 253 characters (DNS labels and names), behind "system:serviceaccount:".
    private const int MaxAccount = 340;

    /// <summary>Reads one; null for what is none, has expired, or is of another account or for somebody else.</summary>
    /// <param name="text">What was shown.</param>
    /// <param name="config">Whose it has to be, and for whom.</param>
    /// <param name="now">The time.</param>
    /// <param name="reason">Why it is null, where it says that it is a service account's; else null.</param>
    public static ShownToken? TryRead(string text, KubernetesConfig config, DateTimeOffset now, out string? reason)
    {
        reason = null;
        if (text.Length > MaxLength || text.Split('.') is not [{ Length: > 0 }, var payload, { Length: > 0 }] || !Base64Url.IsValid(payload))
            return null;
        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            if (claims.RootElement is not { ValueKind: JsonValueKind.Object } root
                || !root.TryGetProperty("sub", out var subject) || subject.ValueKind != JsonValueKind.String
                || subject.GetString() is not { } account || !account.StartsWith("system:serviceaccount:", StringComparison.Ordinal))
                return null;
            if (config.FaultOf(account, Names.IsText(account, MaxAccount) ? $"'{account}'" : "another") is { } fault)
                reason = fault;
            else if (!root.TryGetProperty("aud", out var audience) || !IsFor(audience, config.Audience))
                reason = $"it is not for the audience '{config.Audience}'";
            else if (root.TryGetProperty("exp", out var expires) && expires.ValueKind == JsonValueKind.Number
                && expires.TryGetInt64(out var seconds) && seconds > now.ToUnixTimeSeconds())
                return new ShownToken(DateTimeOffset.FromUnixTimeSeconds(Math.Min(seconds, now.ToUnixTimeSeconds() + 1_000_000_000)), NodeOf(root));
            else
                reason = "it has expired";
            return null;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    // "kubernetes.io": { "node": { "name": … } }, of tokens that are bound to a pod, from Kubernetes 1.30 on (KEP-4193).
    private static string? NodeOf(JsonElement root) =>
        root.TryGetProperty("kubernetes.io", out var cluster) && cluster.ValueKind == JsonValueKind.Object
        && cluster.TryGetProperty("node", out var node) && node.ValueKind == JsonValueKind.Object
        && node.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String && name.GetString() is var text && Names.IsNode(text)
            ? text : null;

    private static bool IsFor(JsonElement audience, string name) => audience.ValueKind switch
    {
        JsonValueKind.String => audience.ValueEquals(name),
        JsonValueKind.Array => audience.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.ValueEquals(name)),
        _ => false,
    };
}
