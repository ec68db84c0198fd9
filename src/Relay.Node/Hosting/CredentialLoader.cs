using Relay.Hosting;
using Relay.Hosting.Credentials;
using Relay.Hosting.Files;
using Relay.Node.Credentials;
using Relay.Node.Options;

namespace Relay.Node.Hosting;

/// <summary>Makes the accepted credentials of the files that name them.</summary>
internal static class CredentialLoader
{
    /// <summary>The files that a configuration names; none where it asks for no credentials.</summary>
    public static FileGroup FilesOf(NodeConfig config) => new("credentials",
    [
        new(OptionCatalog.AuthBasicFile.Name, config.AuthBasicFile),
        new(OptionCatalog.AuthBearerFile.Name, config.AuthBearerFile),
    ]);

    /// <summary>Reads them.</summary>
    /// <param name="files">What <see cref="FilesOf"/> names.</param>
    /// <param name="contents">What is in them.</param>
    /// <param name="takesIssued">Whether tokens of an issuer are accepted as well.</param>
    /// <param name="takesUsers">Whether the fleet's users are.</param>
    /// <returns>The credentials, or <see langword="null"/> where none are asked for.</returns>
    /// <exception cref="StartException">A file cannot be understood; the message names it and the line.</exception>
    public static CredentialSet? Load(FileGroup files, FileContents contents, bool takesIssued, bool takesUsers)
    {
        var passwords = Read<PasswordHash>(files.Files[0], contents[0], PasswordHash.TryParse);
        var tokens = Read<TokenHash>(files.Files[1], contents[1], TokenHash.TryParse);
        if (passwords is null && tokens is null && !takesIssued && !takesUsers)
            return null;
        return new CredentialSet(
            passwords is null ? null : new PasswordTable(passwords),
            tokens is null ? null : new TokenTable<string>(tokens.Select(static token => (token.Value, token.Key))),
            takesIssued, takesUsers);
    }

    private static Dictionary<string, T>? Read<T>(
        NamedFile file, byte[]? content, CredentialFile.HashParser<T> parse)
        where T : class
    {
        if (content is null)
            return null;
        return CredentialFile.TryRead(content, parse, out var entries, out var error)
            ? entries
            : throw new StartException($"{file}: {error}");
    }
}
