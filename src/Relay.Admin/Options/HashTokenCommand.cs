using Relay.Admin.Identity;
using Relay.Hosting.Credentials;

namespace Relay.Admin.Options;

/// <summary><c>relay-admin hash-token NAME ROLE [--generate]</c>: writes the line of a token file.</summary>
internal static class HashTokenCommand
{
    /// <summary>Its name.</summary>
    public const string Name = "hash-token";

    private const int Usage = 2;

    /// <summary>Runs it, if it is what the arguments ask for.</summary>
    /// <param name="arguments">The arguments, without the program's name.</param>
    /// <param name="input">Holds the token in its first line.</param>
    /// <param name="output">Receives the line.</param>
    /// <param name="error">Receives a new token, or what is wrong.</param>
    /// <returns>The exit status, or <see langword="null"/> where the arguments ask for something else.</returns>
    public static int? TryRun(string[] arguments, TextReader input, TextWriter output, TextWriter error)
    {
        if (arguments is not [Name, .. var rest])
            return null;
        var generate = rest is [.., "--generate"];
        if (rest.Length != (generate ? 3 : 2) || AdminRoles.TryParse(rest[1]) is not { } role
            || !CredentialLine.IsName(rest[0]))
        {
            error.WriteLine("relay-admin: usage: relay-admin hash-token NAME viewer|operator|node [--generate]; "
                + "without --generate the token is read from standard input; a name is visible ASCII without a colon");
            return Usage;
        }
        if (AdminToken.PatternFault(rest[0], role) is { } fault)
        {
            error.WriteLine($"relay-admin: {fault}");
            return Usage;
        }
        return CredentialLine.WriteToken("relay-admin", $"{rest[0]}:{role.ToName()}", generate, input, output, error);
    }
}
