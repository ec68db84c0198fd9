using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Relay.Node.Tokens;

/// <summary>A public key that an issuer signs tokens by. Immutable.</summary>
internal sealed class JwtKey
{
    private const int MinRsaBits = 2048;
    private const int MaxRsaBits = 8192;

    // A long exponent would make each verification slow.
    private const int MaxExponentBits = 32;

    private readonly AsymmetricAlgorithm _key;

    private JwtKey(JsonWebKey jwk, string algorithm)
    {
        (Id, Algorithm) = (jwk.Kid, algorithm);
        _key = algorithm == SecurityAlgorithms.RsaSha256 ? CreateRsa(jwk) : CreateEcdsa(jwk);
        Fingerprint = $"{algorithm} {Base64Url.EncodeToString(jwk.ComputeJwkThumbprint())} {jwk.Kid}";
    }

    /// <summary>Its <c>kid</c>.</summary>
    public string Id { get; }

    /// <summary>The one algorithm that it is used with: ES256 or RS256 (RFC 7518 §3.1).</summary>
    public string Algorithm { get; }

    /// <summary>The same for the same key with the same name and algorithm, and for no other.</summary>
    public string Fingerprint { get; }

    /// <summary>Takes a key over, if it is one that signatures are verified by here.</summary>
    /// <param name="jwk">RFC 7517 §4.</param>
    /// <param name="key">The key.</param>
    /// <param name="reason">Otherwise, why it is not.</param>
    public static bool TryCreate(
        JsonWebKey jwk, [NotNullWhen(true)] out JwtKey? key, [NotNullWhen(false)] out string? reason)
    {
        key = null;
        reason = FaultOf(jwk);
        if (reason is not null)
            return false;
        try
        {
            key = new JwtKey(jwk, AlgorithmOf(jwk)!);
            return true;
        }
        catch (Exception e) when (e is FormatException or CryptographicException or ArgumentException)
        {
            reason = $"it is no {jwk.Kty} key";
            return false;
        }
    }

    /// <summary>Whether a token is signed by it (RFC 7515 §5.2). Not for two threads at a time.</summary>
    /// <param name="token">Its three parts.</param>
    /// <exception cref="FormatException">Its signature is no base64url.</exception>
    public bool HasSigned(string token)
    {
        var dot = token.LastIndexOf('.');
        var signed = Encoding.ASCII.GetBytes(token[..dot]);
        var signature = Base64Url.DecodeFromChars(token.AsSpan(dot + 1));
        // RFC 7518 §3.4 has the two numbers of ECDSA one after the other, as .NET does.
        return _key is RSA rsa
            ? rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : ((ECDsa)_key).VerifyData(signed, signature, HashAlgorithmName.SHA256);
    }

    private static string? FaultOf(JsonWebKey jwk) =>
        string.IsNullOrEmpty(jwk.Kid) ? "it has no kid"
        : AlgorithmOf(jwk) is null
            ? $"{NameOf(jwk)} is not supported; RS256, and ES256 with P-256, are"
        : jwk.HasPrivateKey ? "it is a private key"
        : jwk.Use is not (null or "" or "sig") || (jwk.KeyOps.Count > 0 && !jwk.KeyOps.Contains("verify"))
            ? "it is not for signatures"
        : null;

    // Of whoever publishes it: it goes into a line of a log.
    private static string NameOf(JsonWebKey jwk) =>
        new[] { jwk.Alg, jwk.Crv, jwk.Kty }.FirstOrDefault(static name => name is { Length: > 0 }) is { Length: <= 32 } name
            && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-') ? name : "its kind";

    private static string? AlgorithmOf(JsonWebKey jwk) => jwk switch
    {
        { Kty: "RSA", Alg: null or "" or SecurityAlgorithms.RsaSha256 } => SecurityAlgorithms.RsaSha256,
        { Kty: "EC", Crv: "P-256", Alg: null or "" or SecurityAlgorithms.EcdsaSha256 } => SecurityAlgorithms.EcdsaSha256,
        _ => null,
    };

    private static RSA CreateRsa(JsonWebKey jwk)
    {
        var (modulus, exponent) = (Base64Url.DecodeFromChars(jwk.N), Base64Url.DecodeFromChars(jwk.E));
        if (Bits(modulus) is < MinRsaBits or > MaxRsaBits || Bits(exponent) > MaxExponentBits)
            throw new CryptographicException();
        return RSA.Create(new RSAParameters { Modulus = modulus, Exponent = exponent });
    }

    private static ECDsa CreateEcdsa(JsonWebKey jwk) => ECDsa.Create(new ECParameters
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint { X = Base64Url.DecodeFromChars(jwk.X), Y = Base64Url.DecodeFromChars(jwk.Y) },
    });

    private static long Bits(byte[] number) => new BigInteger(number, isUnsigned: true, isBigEndian: true).GetBitLength();
}
