namespace Relay.Node.Tokens;

/// <summary>What stands against a token.</summary>
internal enum JwtFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It cannot be understood, or asks for what is not understood (RFC 7515 §4.1.11).</summary>
    Malformed,

    /// <summary>It is signed by none of the algorithms that are accepted.</summary>
    Algorithm,

    /// <summary>It names no key.</summary>
    NoKeyId,

    /// <summary>It is somebody else's.</summary>
    Issuer,

    /// <summary>It is for somebody else.</summary>
    Audience,

    /// <summary>Its time is to come.</summary>
    NotYetValid,

    /// <summary>Its time is over, or without an end.</summary>
    Expired,

    /// <summary>Nobody has published the key that it names; it may be a new one.</summary>
    UnknownKey,

    /// <summary>No key is known yet.</summary>
    NoKeys,

    /// <summary>The signature is not of the key that it names.</summary>
    Signature,

    /// <summary>It does not say whose it is, or not by a name that can be shown.</summary>
    Identity,
}

/// <summary>What a token is worth.</summary>
/// <param name="Fault">What stands against it.</param>
/// <param name="Token">What is known of it, where nothing does.</param>
internal readonly record struct JwtVerdict(JwtFault Fault, VerifiedToken? Token = null);

/// <summary>What is known of a token that was verified.</summary>
/// <param name="Name">Whose it is; see <see cref="JwtPolicy.NameOf"/>.</param>
/// <param name="Key">By what it is signed.</param>
/// <param name="From">When its time begins (<c>nbf</c>), in UTC.</param>
/// <param name="Until">When its time ends (<c>exp</c>), in UTC.</param>
internal sealed record VerifiedToken(string Name, JwtKey Key, DateTime From, DateTime Until)
{
    /// <summary>By how much the issuer's clock may be another.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    /// <summary>What the time has against it.</summary>
    /// <param name="from">When its time begins.</param>
    /// <param name="until">When it ends.</param>
    /// <param name="now">The wall clock, in UTC.</param>
    public static JwtFault FaultAt(DateTime from, DateTime until, DateTime now) =>
        now - ClockSkew >= until ? JwtFault.Expired
        : now + ClockSkew < from ? JwtFault.NotYetValid
        : JwtFault.None;
}
