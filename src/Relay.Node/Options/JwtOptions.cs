using Relay.Hosting.Options;
using Relay.Node.Tokens;

namespace Relay.Node.Options;

/// <summary>The options of <see cref="NodeConfig.Jwt"/>.</summary>
internal static class JwtOptions
{
    /// <summary>See <see cref="JwtPolicy.Issuer"/>.</summary>
    public static readonly OptionDefinition Issuer = Single("--auth-jwt-issuer", "ISSUER",
        "Whose signed tokens (JWT) are accepted besides; as their claim iss has it");

    /// <summary>See <see cref="JwtConfig"/>.</summary>
    public static readonly OptionDefinition Keys = Single("--auth-jwt-jwks", "FILE|URL",
        "The issuer's keys (JWKS), watched or fetched every ten minutes; a URL is https");

    /// <summary>See <see cref="JwtPolicy.Audiences"/>.</summary>
    public static readonly OptionDefinition Audience = OptionDefinition.List(OptionGroup.Clients, "--auth-jwt-audience", "NAME",
        "For whom a token has to be: one of these is in its claim aud");

    /// <summary>See <see cref="JwtPolicy.Claim"/>.</summary>
    public static readonly OptionDefinition Claim = Single("--auth-jwt-claim", "NAME",
        "The claim that says whose a token is") with
    {
        DefaultText = JwtPolicy.Subject,
    };

    /// <summary>All of them, in the order of help.</summary>
    public static IReadOnlyList<OptionDefinition> All { get; } = [Issuer, Keys, Audience, Claim];

    private static OptionDefinition Single(string name, string valueName, string description) =>
        OptionDefinition.Single(OptionGroup.Clients, name, valueName, description);
}
