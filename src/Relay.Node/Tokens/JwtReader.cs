using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Relay.Node.Tokens;

/// <summary>
/// Judges tokens (RFC 7519) that are signed (RFC 7515) by ES256 or RS256. What costs nothing is looked at first; a
/// signature only of a token that is otherwise right. Not for two threads at a time.
/// </summary>
internal sealed class JwtReader(JwtPolicy policy)
{
    /// <summary>Whether credentials have the form of a signed token: three parts.</summary>
    public static bool IsCompact(ReadOnlySpan<byte> credentials) => credentials.Count((byte)'.') == 2;

    /// <summary>Judges one.</summary>
    /// <param name="text">What a client shows.</param>
    /// <param name="keys">Those of the issuer; null where none are known yet.</param>
    /// <param name="now">The wall clock, in UTC.</param>
    public JwtVerdict Read(string text, JwtKeySet? keys, DateTime now)
    {
        try
        {
            var token = new JsonWebToken(text);
            if (FaultOf(token, now) is var fault and not JwtFault.None)
                return new(fault);
            if (keys is null)
                return new(JwtFault.NoKeys);
            if (keys.Find(token.Kid, token.Alg) is not { } key)
                return new(JwtFault.UnknownKey);
            if (!key.HasSigned(text))
                return new(JwtFault.Signature);
            return token.TryGetPayloadValue(policy.Claim, out object? claim) && policy.NameOf(claim) is { } name
                ? new(JwtFault.None, new VerifiedToken(name, key, token.ValidFrom, token.ValidTo))
                : new(JwtFault.Identity);
        }
        catch (Exception)
        {
            // What the library throws at a stranger's bytes is no list that it promises.
            return new(JwtFault.Malformed);
        }
    }

    private JwtFault FaultOf(JsonWebToken token, DateTime now)
    {
        if (token.Alg is not (SecurityAlgorithms.EcdsaSha256 or SecurityAlgorithms.RsaSha256))
            return JwtFault.Algorithm;
        // RFC 7515 §4.1.11: "If any of the listed extension Header Parameters are not understood and supported by the
        // recipient, then the JWS is invalid." None is.
        if (token.TryGetHeaderValue<object>("crit", out _))
            return JwtFault.Malformed;
        if (string.IsNullOrEmpty(token.Kid))
            return JwtFault.NoKeyId;
        if (!string.Equals(token.Issuer, policy.Issuer, StringComparison.Ordinal))
            return JwtFault.Issuer;
        if (!token.Audiences.Any(audience => policy.Audiences.Contains(audience, StringComparer.Ordinal)))
            return JwtFault.Audience;
        // Without an end that is long over, as the library has it.
        return VerifiedToken.FaultAt(token.ValidFrom, token.ValidTo, now);
    }
}
