using System.Text;
using Relay.Ctl.Cli;
using Relay.Fleet.Contract;

namespace Relay.Ctl.Commands;

/// <summary>
/// <c>profile curl</c>: a file of curl's options (curl(1), <c>--config</c>), so that the token is in no command line.
/// </summary>
internal sealed class CurlProfileCommand(CtlContext context) : RecipeCommand(
    "curl", "Options for curl: curl --config FILE URL.", takesCredentials: true, context)
{
    /// <inheritdoc/>
    protected override string Write(RelayInfo relay, string? authorization, string? authority)
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
