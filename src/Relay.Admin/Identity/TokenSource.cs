using Relay.Hosting;
using Relay.Hosting.Files;

namespace Relay.Admin.Identity;

/// <summary>The tokens that are accepted now.</summary>
internal sealed class TokenSource
{
    /// <summary>What names the file.</summary>
    public const string Option = "--admin-token-file";

    private readonly WatchedValue<TokenTable>? _file;

    /// <summary>Reads the token file, if there is one.</summary>
    /// <exception cref="StartException">It cannot be read or used.</exception>
    public TokenSource(string? path)
    {
        if (path is not null)
            _file = new WatchedValue<TokenTable>(
                new FileGroup($"{Option} '{path}'", [new NamedFile(Option, path)]), Load);

        TokenTable Load(FileContents contents) => TokenTable.TryRead(contents[0], out var table, out var error)
            ? table
            : throw new StartException($"{Option}: '{path}': {error}");
    }

    /// <summary>The tokens; null where none is asked for.</summary>
    public TokenTable? Current => _file?.Current;

    /// <summary>Completes when they are others than are now; never where there is no file.</summary>
    public Task Changed => _file?.Changed ?? Task.Delay(Timeout.Infinite);

    /// <summary>The file, to be watched; null where there is none.</summary>
    public WatchedGroup? Group => _file?.Group;
}
