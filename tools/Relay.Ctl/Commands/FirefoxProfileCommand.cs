using System.Text.Json;
using Relay.Ctl.Cli;
using Relay.Fleet.Contract;

namespace Relay.Ctl.Commands;

/// <summary>
/// <c>profile firefox</c>: a proxy auto-configuration file, whose <c>HTTPS</c> Firefox takes for a proxy over TLS. It can hold no
/// credentials: Firefox asks for a name and password.
/// </summary>
internal sealed class FirefoxProfileCommand(CtlContext context) : RecipeCommand(
    "firefox", "A proxy auto-configuration file: Settings, Network Settings, Automatic proxy configuration URL, file:///\u2026. Firefox asks "
        + "for a name and password where the relay wants one.", takesCredentials: false, context)
{
    /// <inheritdoc/>
    protected override string Write(RelayInfo relay, string? authorization, string? authority) => $$"""
        // Firefox: Settings, Network Settings, Automatic proxy configuration URL: file:///PATH/OF/THIS/FILE
        function FindProxyForURL(url, host) {
          return "HTTPS {{JsonEncodedText.Encode(relay.Host)}}:{{relay.Port}}";
        }

        """;
}
