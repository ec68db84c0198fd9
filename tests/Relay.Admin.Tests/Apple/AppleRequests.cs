using System.Text.Json.Nodes;
using Relay.Admin.Tests.World;
using Relay.Testing.Admin;
using Relay.Testing.Certificates;

namespace Relay.Admin.Tests.Apple;

/// <summary>Requests for profiles and declarations, with one of each thing that they can say.</summary>
internal static class AppleRequests
{
    /// <summary>PKCS #12 of a client, with the password <c>pass&amp;word</c>.</summary>
    public static string Pkcs12 { get; } = NewPkcs12();

    /// <summary>A certificate of an authority.</summary>
    public static string Root { get; } = NewRoot();

    public const string Acme = """
        {"directoryUrl":"https://ca.example.com/acme/directory","clientIdentifier":"phone-1","keyType":"ECSECPrimeRandom","keySize":384,
         "hardwareBound":true,"attest":true,"subject":[["O","Example AG"],["CN","alice"],["1.2.3.4","x"]],
         "subjectAltName":{"rfc822Name":"alice@example.com","dnsName":"alice.example.com","uri":"https://example.com/alice",
         "ntPrincipalName":"alice@EXAMPLE"},"usageFlags":5,"extendedKeyUsage":["1.3.6.1.5.5.7.3.2"]}
        """;

    public const string Scep = """
        {"url":"http://ca.example.com/scep","name":"clients","subject":[["CN","alice"]],"challenge":"s3cret","keySize":4096,"keyUsage":1,
         "caFingerprint":"AAECAwQFBgcICQoLDA0ODxAREhM=","retries":2,"retryDelay":60,
         "subjectAltName":{"dnsName":"alice.example.com"}}
        """;

    /// <summary>What profiles and declarations can both say.</summary>
    public static JsonObject Common() => JsonNode.Parse("""
        {"name":"Example relay",
         "relays":[{"http3Url":"first.example.net:4433","headers":{"X-Token":"one"}},
                   {"http3Url":"https://relay.example.com/m/{target_host}/{target_port}/","http2Url":"relay.example.com:8443",
                    "headers":{"Authorization":"Bearer two","X-Fleet":"a"},"usesIdentity":true}],
         "matchDomains":["Example.com","example.com","example.net"],"matchFqdns":["www.example.org"],
         "excludedDomains":["cdn.example.com"],"excludedFqdns":["login.example.net"],
         "uiToggleEnabled":false,"allowDnsFailover":true}
        """)!.AsObject();

    public static JsonObject With(this JsonObject body, string field, string json)
    {
        body[field] = JsonNode.Parse(json);
        return body;
    }

    public static async Task<(HttpStatusCode Status, byte[] Content)> PostAsync(
        string path, JsonObject body, Func<AdminConfig, AdminConfig>? change = null)
    {
        await using var app = await AdminApp.StartAsync(new ScriptedFleet(), change);
        using var answer = await app.Operator.PostJsonAsync(path, body.ToJsonString());
        return (answer.StatusCode, await answer.Content.ReadAsByteArrayAsync());
    }

    private static string NewPkcs12()
    {
        using var authority = new TestAuthority();
        using var client = authority.IssueClient("alice");
        return Convert.ToBase64String(client.Export(
            System.Security.Cryptography.X509Certificates.X509ContentType.Pkcs12, "pass&word"));
    }

    private static string NewRoot()
    {
        using var authority = new TestAuthority();
        return authority.Pem;
    }
}
