using Relay.Hosting.Credentials;

namespace Relay.Node.Credentials;

/// <summary>The credentials that are accepted, as the files were read together.</summary>
internal sealed class CredentialSet
{
    private const string BasicChallenge = "Basic realm=\"relay\", charset=\"UTF-8\"";
    private const string BearerChallenge = "Bearer realm=\"relay\"";

    /// <summary>Either of them is enough; at least one is there.</summary>
    public CredentialSet(PasswordTable? passwords, TokenTable<string>? tokens)
    {
        Passwords = passwords;
        Tokens = tokens;
        Challenges = Compose(BearerChallenge);
        // RFC 6750 §3: no error code without a token.
        ChallengesAfterToken = Compose(BearerChallenge + ", error=\"invalid_token\"");
    }

    /// <summary>Basic; <see langword="null"/> where it is not offered.</summary>
    public PasswordTable? Passwords { get; }

    /// <summary>Bearer; <see langword="null"/> where it is not offered.</summary>
    public TokenTable<string>? Tokens { get; }

    /// <summary>Values of <c>Proxy-Authenticate</c>.</summary>
    public string[] Challenges { get; }

    /// <summary>The same, to a client whose token is wrong.</summary>
    public string[] ChallengesAfterToken { get; }

    private string[] Compose(string bearer) =>
        [.. Passwords is null ? [] : (string[])[BasicChallenge], .. Tokens is null ? [] : (string[])[bearer]];
}
