using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Relay.Testing.Tokens;

/// <summary>An issuer of tokens, with one key; what it writes is made here, by no library that reads it.</summary>
public sealed class TestIssuer : IDisposable
{
    public const string Name = "https://id.example";
    public const string Audience = "relay.example";

    private readonly AsymmetricAlgorithm _key;

    public TestIssuer(string kid = "one", bool rsa = false)
    {
        Kid = kid;
        _key = rsa ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
    }

    public string Kid { get; }

    public string Algorithm => _key is RSA ? "RS256" : "ES256";

    /// <summary>Its key, as it publishes it.</summary>
    public JsonObject Jwk => _key switch
    {
        RSA rsa when rsa.ExportParameters(false) is var key => new JsonObject
        {
            ["kty"] = "RSA",
            ["kid"] = Kid,
            ["use"] = "sig",
            ["alg"] = "RS256",
            ["n"] = Encode(key.Modulus!),
            ["e"] = Encode(key.Exponent!),
        },
        _ when ((ECDsa)_key).ExportParameters(false) is var key => new JsonObject
        {
            ["kty"] = "EC",
            ["kid"] = Kid,
            ["crv"] = "P-256",
            ["x"] = Encode(key.Q.X!),
            ["y"] = Encode(key.Q.Y!),
        },
        _ => throw new InvalidOperationException(),
    };

    /// <summary>What an issuer publishes.</summary>
    public static byte[] Publish(params ReadOnlySpan<TestIssuer> issuers)
    {
        var keys = new JsonArray();
        foreach (var issuer in issuers)
            keys.Add(issuer.Jwk);
        return Encoding.UTF8.GetBytes(new JsonObject { ["keys"] = keys }.ToJsonString());
    }

    /// <summary>A token that is right for ten minutes, but for what is changed.</summary>
    public string Issue(
        DateTimeOffset now, string subject = "alice", Action<JsonObject>? header = null, Action<JsonObject>? claims = null)
    {
        var head = new JsonObject { ["typ"] = "JWT", ["alg"] = Algorithm, ["kid"] = Kid };
        var body = new JsonObject
        {
            ["iss"] = Name,
            ["sub"] = subject,
            ["aud"] = Audience,
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = now.AddMinutes(10).ToUnixTimeSeconds(),
        };
        header?.Invoke(head);
        claims?.Invoke(body);
        return Sign($"{Encode(Encoding.UTF8.GetBytes(head.ToJsonString()))}.{Encode(Encoding.UTF8.GetBytes(body.ToJsonString()))}");
    }

    /// <summary>Signs the first two parts.</summary>
    public string Sign(string parts)
    {
        var signed = Encoding.ASCII.GetBytes(parts);
        return $"{parts}.{Encode(_key is RSA rsa
            ? rsa.SignData(signed, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : ((ECDsa)_key).SignData(signed, HashAlgorithmName.SHA256))}";
    }

    public void Dispose() => _key.Dispose();

    private static string Encode(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
