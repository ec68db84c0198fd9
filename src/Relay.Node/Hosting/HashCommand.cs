using System.Text;
using Relay.Node.Counters;
using Relay.Node.Credentials;

namespace Relay.Node.Hosting;

/// <summary>
/// <c>relay-node hash-password NAME</c>, <c>relay-node hash-token NAME [--generate]</c>: write the line of a credential
/// file.
/// </summary>
internal static class HashCommand
{
    private const int Usage = 2;

    /// <summary>Runs it, if it is what the arguments ask for.</summary>
    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <param name="input">Holds the secret in its first line.</param>
    /// <param name="output">Receives the line.</param>
    /// <param name="error">Receives a new token, or what is wrong.</param>
    /// <returns>The exit status, or <see langword="null"/> where the arguments ask for something else.</returns>
    public static int? TryRun(string[] arguments, TextReader input, TextWriter output, TextWriter error)
    {
        if (arguments is not ["hash-password" or "hash-token", .. var rest])
            return null;
        var isToken = arguments[0] == "hash-token";
        var generate = isToken && rest is [_, "--generate"];
        if (rest.Length != (generate ? 2 : 1) || !CredentialFile.IsName(rest[0]))
        {
            error.WriteLine($"relay-node: usage: relay-node {arguments[0]} NAME{(isToken ? " [--generate]" : "")}; "
                + "the secret is read from standard input; a name is visible ASCII without a colon");
            return Usage;
        }
        var secret = generate ? TokenHash.NewToken() : input.ReadLine() ?? "";
        if (generate)
            error.WriteLine(secret);
        var fault = isToken ? FaultOfToken(secret) : secret.Length == 0 ? "the password is empty" : null;
        if (fault is not null)
        {
            error.WriteLine($"relay-node: {fault}");
            return Usage;
        }
        var bytes = Encoding.UTF8.GetBytes(secret);
        output.WriteLine($"{rest[0]}:{(isToken ? TokenHash.Create(bytes) : PasswordHash.Create(bytes))}");
        return 0;
    }

    private static string? FaultOfToken(string token) =>
        token.Length < TokenHash.MinLength ? $"a token has {TokenHash.MinLength} characters or more"
        : AuthorizationField.Read(Encoding.UTF8.GetBytes($"Bearer {token}"), out var credentials)
            == AuthenticationKind.Bearer && credentials.Length == token.Length ? null
        : "a token has letters, digits and -._~+/ only, and = at its end";
}
