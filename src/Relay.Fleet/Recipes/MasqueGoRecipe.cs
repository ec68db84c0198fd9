using System.Text.Json;
using Relay.Fleet.Contract;

namespace Relay.Fleet.Recipes;

/// <summary>Lines of Go for masque-go, a library of UDP tunnels, in its versions whose requests take header fields.</summary>
public static class MasqueGoRecipe
{
    /// <summary>Writes them.</summary>
    /// <param name="relay">The relay.</param>
    /// <param name="authorization">The value of <c>Proxy-Authorization</c>.</param>
    public static string Write(RelayInfo relay, string authorization) => $$"""
        relay := uritemplate.MustNew({{Quoted(relay.UdpTemplate)}})
        request, err := masque.NewRequest(ctx, relay, "example.com:443")
        if err != nil {
        	return err
        }
        request.Header().Set("Proxy-Authorization", {{Quoted(authorization)}})
        tunnel, response, err := (&masque.Transport{}).Dial(request)

        """;

    // What JSON escapes, Go reads the same.
    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
