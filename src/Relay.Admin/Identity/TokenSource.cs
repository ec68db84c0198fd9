using Microsoft.Extensions.Logging;
using Relay.Admin.Hosting;

namespace Relay.Admin.Identity;

/// <summary>The tokens that are accepted now.</summary>
internal sealed class TokenSource : IDisposable
{
    private readonly WatchedFiles<TokenTable>? _file;

    /// <summary>Reads the token file, if there is one, and watches it.</summary>
    /// <exception cref="AdminStartException">It cannot be read or used.</exception>
    public TokenSource(string? path, ILogger log, TimeProvider clock)
    {
        if (path is not null)
            _file = new WatchedFiles<TokenTable>($"--admin-token-file '{path}'", [path], Load, log, clock);

        TokenTable Load(byte[][] contents) => TokenTable.TryRead(contents[0], out var table, out var error)
            ? table
            : throw new AdminStartException($"--admin-token-file: '{path}': {error}");
    }

    /// <summary>The tokens; null where none is asked for.</summary>
    public TokenTable? Current => _file?.Current;

    /// <summary>Reads the file again.</summary>
    public void Reload() => _file?.Reload();

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();
}
