using Relay.Hosting.Credentials;

namespace Relay.Node.Credentials;

/// <summary>The credentials that are accepted, as the files were read together.</summary>
internal sealed class CredentialSet
{
    private const string BasicChallenge = "Basic realm=\"relay\", charset=\"UTF-8\"";
    private const string BearerChallenge = "Bearer realm=\"relay\"";

    /// <summary>Any of them is enough; at least one is there.</summary>
    /// <param name="passwords">Basic; null where it is not offered.</param>
    /// <param name="tokens">Bearer, of a file; null for none.</param>
    /// <param name="takesIssued">Whether tokens of an issuer are accepted as well.</param>
    public CredentialSet(PasswordTable? passwords, TokenTable<string>? tokens, bool takesIssued = false)
    {
        Passwords = passwords;
        Tokens = tokens;
        TakesBearer = tokens is not null || takesIssued;
        Challenges = Compose(BearerChallenge);
        // RFC 6750 §3: no error code without a token.
        ChallengesAfterToken = Compose(BearerChallenge + ", error=\"invalid_token\"");
    }

    /// <summary>Basic; <see langword="null"/> where it is not offered.</summary>
    public PasswordTable? Passwords { get; }

    /// <summary>Bearer, of a file; <see langword="null"/> for none.</summary>
    public TokenTable<string>? Tokens { get; }

    /// <summary>Whether Bearer is offered.</summary>
    public bool TakesBearer { get; }

    /// <summary>Values of <c>Proxy-Authenticate</c>.</summary>
    public string[] Challenges { get; }

    /// <summary>The same, to a client whose token is wrong.</summary>
    public string[] ChallengesAfterToken { get; }

    private string[] Compose(string bearer) =>
        [.. Passwords is null ? [] : (string[])[BasicChallenge], .. TakesBearer ? (string[])[bearer] : []];
}
