using System.Text;
using Relay.Hosting.Credentials;
using Relay.Testing.Processes;

namespace Relay.Testing.Admin;

/// <summary>Files of tokens, as coordinators read them.</summary>
public static class TokenFiles
{
    /// <summary>The line of one token, with its end.</summary>
    public static string Line(string name, string role, string token) =>
        $"{name}:{role}:{TokenHash.Create(Encoding.UTF8.GetBytes(token))}\n";

    /// <summary>Writes a file named tokens, and tells its path.</summary>
    public static string WriteTokens(this ScratchFolder folder, params (string Name, string Role, string Token)[] tokens) =>
        folder.Write("tokens", string.Concat(tokens.Select(static one => Line(one.Name, one.Role, one.Token))));
}
