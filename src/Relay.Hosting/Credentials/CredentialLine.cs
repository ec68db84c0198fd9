using System.Text;

namespace Relay.Hosting.Credentials;

/// <summary>
/// The lines of credential files: a name, a colon and what is known of it; empty lines and those that begin with
/// <c>#</c> say nothing.
/// </summary>
public static class CredentialLine
{
    /// <summary>The longest name.</summary>
    public const int MaxName = 128;

    /// <summary>The exit status of a wrong use.</summary>
    private const int Usage = 2;

    /// <summary>Whether a text can name a credential: it goes into logs and lists.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= MaxName && text.All(static c => c is > ' ' and < (char)0x7f and not ':');

    /// <summary>The lines of a file that say something, with their numbers from 1.</summary>
    /// <param name="content">UTF-8.</param>
    public static IEnumerable<(int Number, string Text)> Enumerate(ReadOnlySpan<byte> content) =>
        Encoding.UTF8.GetString(content).TrimStart('\uFEFF').Split('\n')
            .Select(static (line, i) => (Number: i + 1, Text: line.Trim()))
            .Where(static line => line.Text.Length > 0 && line.Text[0] != '#');

    /// <summary>Writes the line of a token, which is made or read.</summary>
    /// <param name="program">The name of the program, for what is wrong.</param>
    /// <param name="prefix">What stands before the hash.</param>
    /// <param name="generate">Whether the token is made; otherwise it is the input's first line.</param>
    /// <param name="input">Holds the token.</param>
    /// <param name="output">Receives the line.</param>
    /// <param name="error">Receives a new token, or what is wrong.</param>
    /// <returns>The exit status.</returns>
    public static int WriteToken(
        string program, string prefix, bool generate, TextReader input, TextWriter output, TextWriter error)
    {
        var token = generate ? TokenHash.NewToken() : input.ReadLine() ?? "";
        if (TokenHash.FaultOf(token) is { } fault)
        {
            error.WriteLine($"{program}: {fault}");
            return Usage;
        }
        if (generate)
            error.WriteLine(token);
        output.WriteLine($"{prefix}:{TokenHash.Create(Encoding.UTF8.GetBytes(token))}");
        return 0;
    }
}
