using System.Text.Json;
using Relay.Fleet.Contract;

namespace Relay.Fleet.Recipes;

/// <summary>
/// A proxy auto-configuration file, whose <c>HTTPS</c> Firefox takes for a proxy over TLS. It can hold no credentials: Firefox asks for
/// a name and password.
/// </summary>
public static class FirefoxRecipe
{
    /// <summary>Writes it.</summary>
    public static string Write(RelayInfo relay) => $$"""
        // Firefox: Settings, Network Settings, Automatic proxy configuration URL: file:///PATH/OF/THIS/FILE
        function FindProxyForURL(url, host) {
          return "HTTPS {{JsonEncodedText.Encode(relay.Host)}}:{{relay.Port}}";
        }

        """;
}
