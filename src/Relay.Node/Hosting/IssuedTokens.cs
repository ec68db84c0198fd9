using Microsoft.Extensions.Logging;
using Relay.Hosting;
using Relay.Hosting.Files;
using Relay.Node.Options;
using Relay.Node.Tokens;

namespace Relay.Node.Hosting;

/// <summary>The keys of an issuer, of the file that holds them or from where it publishes them.</summary>
internal sealed class IssuedTokens
{
    private readonly JwtConfig _config;
    private readonly FileGroup _files;
    private readonly FileContents _first;
    private readonly JwtKeySet? _firstKeys;

    /// <summary>Reads the file, if there is one.</summary>
    /// <exception cref="StartException">It cannot be used; the message names it and why.</exception>
    internal IssuedTokens(JwtConfig config)
    {
        _config = config;
        Authority = new JwtAuthority(config.Policy, TimeProvider.System);
        _files = new FileGroup("token keys", [new NamedFile(JwtOptions.Keys.Name, config.KeyFile)]);
        _first = _files.Read();
        if (_first[0] is { } content)
            Authority.Use(_firstKeys = Read(content));
    }

    /// <summary>The issuer.</summary>
    internal JwtAuthority Authority { get; }

    /// <summary>Says what was read, and fetches what is not in a file.</summary>
    /// <returns>The file, for who watches files; null where there is none.</returns>
    internal WatchedGroup? Begin(ILogger log)
    {
        Authority.Refused = fault => Log.TokenRefused(log, fault);
        if (_config.KeyUrl is { } url)
        {
            // As long as the process.
            Authority.Renewal = new JwksFetcher(
                url, JwksFetcher.CreateHandler(), TimeProvider.System, content => Use(content, log),
                cause => Log.KeysNotFetched(log, _config.Policy.Issuer, url.Host, cause));
            return null;
        }
        Tell(_firstKeys!, log);
        return new WatchedGroup(_files, _first, contents => Use(contents[0]!, log));
    }

    private void Use(byte[] content, ILogger log)
    {
        var keys = Read(content);
        Authority.Use(keys);
        Tell(keys, log);
    }

    private JwtKeySet Read(byte[] content) => JwtKeySet.TryRead(content, out var keys, out var error)
        ? keys : throw new StartException(_config.KeyFile is null ? error : $"{_files.Files[0]}: {error}");

    private void Tell(JwtKeySet keys, ILogger log)
    {
        Log.KeysInUse(log, keys.Count, _config.Policy.Issuer);
        foreach (var reason in keys.LeftOut)
            Log.KeyLeftOut(log, _config.Policy.Issuer, reason);
    }
}
