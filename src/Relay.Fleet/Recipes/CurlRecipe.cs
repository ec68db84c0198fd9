using System.Text;
using Relay.Fleet.Contract;

namespace Relay.Fleet.Recipes;

/// <summary>A file of curl's options (curl(1), <c>--config</c>), so that the token is in no command line.</summary>
public static class CurlRecipe
{
    /// <summary>Writes it.</summary>
    /// <param name="relay">The relay.</param>
    /// <param name="authorization">The value of <c>Proxy-Authorization</c>; null for none.</param>
    /// <param name="authority">The path of the relay's authority; null for a public one.</param>
    public static string Write(RelayInfo relay, string? authorization, string? authority = null)
    {
        var text = new StringBuilder()
            .Append("# curl --config FILE https://example.com/\n")
            .Append($"proxy = {Quoted($"https://{relay.Host}:{relay.Port}")}\n")
            .Append("proxytunnel\n");
        if (authority is not null)
            text.Append($"proxy-cacert = {Quoted(authority)}\n");
        // Not proxy-user: with it curl sends no credentials before it was asked for them, and none for UDP.
        if (authorization is not null)
            text.Append($"proxy-header = {Quoted($"Proxy-Authorization: {authorization}")}\n");
        return text.ToString();
    }

    private static string Quoted(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
