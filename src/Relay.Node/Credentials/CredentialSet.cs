using Relay.Hosting.Credentials;

namespace Relay.Node.Credentials;

/// <summary>The credentials that are accepted, as the files were read together.</summary>
internal sealed class CredentialSet
{
    private const string BasicChallenge = "Basic realm=\"relay\", charset=\"UTF-8\"";
    private const string BearerChallenge = "Bearer realm=\"relay\"";

    /// <summary>Any of them is enough; at least one is there.</summary>
    /// <param name="passwords">See <see cref="Passwords"/>.</param>
    /// <param name="tokens">See <see cref="Tokens"/>.</param>
    /// <param name="takesIssued">Whether tokens of an issuer are accepted as well.</param>
    /// <param name="takesUsers">See <see cref="TakesUsers"/>.</param>
    public CredentialSet(
        PasswordTable? passwords, TokenTable<string>? tokens, bool takesIssued = false, bool takesUsers = false)
    {
        Passwords = passwords;
        Tokens = tokens;
        TakesUsers = takesUsers;
        TakesBearer = tokens is not null || takesIssued || takesUsers;
        Challenges = Compose(BearerChallenge);
        // RFC 6750 §3: no error code without a token.
        ChallengesAfterToken = Compose(BearerChallenge + ", error=\"invalid_token\"");
    }

    /// <summary>Basic; <see langword="null"/> where a file has none.</summary>
    public PasswordTable? Passwords { get; }

    /// <summary>Bearer; <see langword="null"/> where a file has none.</summary>
    public TokenTable<string>? Tokens { get; }

    /// <summary>Whether secrets of the fleet's users are accepted, by Basic and Bearer alike.</summary>
    public bool TakesUsers { get; }

    /// <summary>Whether Basic is offered.</summary>
    public bool TakesBasic => Passwords is not null || TakesUsers;

    /// <summary>Whether Bearer is offered.</summary>
    public bool TakesBearer { get; }

    /// <summary>Values of <c>Proxy-Authenticate</c>.</summary>
    public string[] Challenges { get; }

    /// <summary>The same, to a client whose token is wrong.</summary>
    public string[] ChallengesAfterToken { get; }

    private string[] Compose(string bearer) =>
        [.. TakesBasic ? (string[])[BasicChallenge] : [], .. TakesBearer ? (string[])[bearer] : []];
}
