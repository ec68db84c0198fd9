using System.Text;
using Relay.Hosting.Credentials;
using Relay.Node.Credentials;
using Relay.Node.Options;

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
        if (arguments is not [OptionCatalog.HashPassword or OptionCatalog.HashToken, .. var rest])
            return null;
        var isToken = arguments[0] == OptionCatalog.HashToken;
        var generate = isToken && rest is [_, "--generate"];
        if (rest.Length != (generate ? 2 : 1) || !CredentialLine.IsName(rest[0]))
        {
            error.WriteLine($"relay-node: usage: relay-node {arguments[0]} NAME{(isToken ? " [--generate]" : "")}; "
                + "the secret is read from standard input; a name is visible ASCII without a colon");
            return Usage;
        }
        if (isToken)
            return CredentialLine.WriteToken("relay-node", rest[0], generate, input, output, error);
        var password = input.ReadLine() ?? "";
        if (password.Length == 0)
        {
            error.WriteLine("relay-node: the password is empty");
            return Usage;
        }
        output.WriteLine($"{rest[0]}:{PasswordHash.Create(Encoding.UTF8.GetBytes(password))}");
        return 0;
    }
}
