using System.Net;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Relay.Fleet.Contract;

namespace Relay.Fleet.Recipes;

/// <summary>
/// A configuration for sing-box 1.12 and later with an <c>http</c> outbound over TLS, which carries TCP, behind a proxy of HTTP and SOCKS
/// on loopback.
/// </summary>
public static class SingBoxRecipe
{
    private const int LocalPort = 2080;

    private static readonly JsonSerializerOptions Format =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes it.</summary>
    /// <param name="relay">The relay.</param>
    /// <param name="authorization">The value of <c>Proxy-Authorization</c>; null for none.</param>
    /// <param name="authority">The path of the relay's authority; null for a public one.</param>
    /// <exception cref="FormatException">The credentials are Basic ones without a name and password.</exception>
    public static string Write(RelayInfo relay, string? authorization, string? authority = null)
    {
        var host = relay.Host.Trim('[', ']');
        var tls = new JsonObject { ["enabled"] = true, ["server_name"] = host, ["alpn"] = new JsonArray("http/1.1") };
        if (authority is not null)
            tls["certificate_path"] = authority;
        var outbound = new JsonObject { ["type"] = "http", ["tag"] = "relay", ["server"] = host, ["server_port"] = relay.Port };
        Authorize(outbound, authorization);
        outbound["tls"] = tls;
        var configuration = new JsonObject
        {
            ["inbounds"] = new JsonArray(new JsonObject
            {
                ["type"] = "mixed",
                ["tag"] = "local",
                ["listen"] = "127.0.0.1",
                ["listen_port"] = LocalPort,
            }),
            ["outbounds"] = new JsonArray(outbound),
        };
        if (!IPAddress.TryParse(host, out _))
        {
            configuration["dns"] = new JsonObject
            {
                ["servers"] = new JsonArray(new JsonObject { ["type"] = "local", ["tag"] = "system" }),
            };
            outbound["domain_resolver"] = "system";
        }
        return configuration.ToJsonString(Format) + "\n";
    }

    // It has fields of its own for Basic credentials.
    private static void Authorize(JsonObject outbound, string? authorization)
    {
        if (authorization?.StartsWith("Basic ", StringComparison.Ordinal) == true)
        {
            var pair = Decode(authorization["Basic ".Length..]).Split(':', 2);
            if (pair.Length != 2)
                throw new FormatException("the Basic credentials are not the base64 of NAME:PASSWORD");
            (outbound["username"], outbound["password"]) = (pair[0], pair[1]);
        }
        else if (authorization is not null)
            outbound["headers"] = new JsonObject { ["Proxy-Authorization"] = authorization };
    }

    private static string Decode(string base64)
    {
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64.Trim(), bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : "";
    }
}
