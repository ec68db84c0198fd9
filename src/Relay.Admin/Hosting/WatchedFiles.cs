using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Relay.Admin.Diagnostics;

namespace Relay.Admin.Hosting;

/// <summary>
/// What is made of files, and made again when they change: looks every second. Looking works where notifications do
/// not: on network file systems, and across swaps of a directory's link (Kubernetes). A change that cannot be used is
/// refused, and what was made before stays.
/// </summary>
internal sealed class WatchedFiles<T> : IDisposable
    where T : class
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly string _name;
    private readonly string[] _paths;
    private readonly Func<byte[][], T> _load;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private volatile T _current;
    private byte[] _decided;
    private byte[]? _seen;
    private string? _refused;

    /// <summary>Reads the files and begins to watch them.</summary>
    /// <param name="name">What they are, for the log.</param>
    /// <param name="paths">The files; they make sense together only.</param>
    /// <param name="load">
    /// Makes something of their contents; throws an <see cref="AdminStartException"/> that says why not.
    /// </param>
    /// <param name="log">Hears of changes.</param>
    /// <param name="clock">Says when to look.</param>
    /// <exception cref="AdminStartException">A file cannot be read, or not be used.</exception>
    public WatchedFiles(string name, string[] paths, Func<byte[][], T> load, ILogger log, TimeProvider clock)
    {
        (_name, _paths, _load, _log) = (name, paths, load, log);
        var contents = Read();
        _current = load(contents);
        _decided = Digest(contents);
        _timer = clock.CreateTimer(static state => ((WatchedFiles<T>)state!).Poll(), this, Interval, Interval);
    }

    /// <summary>What was made of them last.</summary>
    public T Current => _current;

    /// <summary>Reads them again now, changed or not.</summary>
    public void Reload() => Look(isAsked: true);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Poll() => Look(isAsked: false);

    private void Look(bool isAsked)
    {
        lock (_gate)
        {
            try
            {
                var contents = Read();
                var digest = Digest(contents);
                // Used once it has stayed as it is for a whole turn: two files that are written one after the other are
                // seldom found half-way so, and never for long.
                if (!isAsked && (digest.AsSpan().SequenceEqual(_decided) || !digest.AsSpan().SequenceEqual(_seen)))
                {
                    _seen = digest;
                    return;
                }
                _decided = digest;
                _current = _load(contents);
                _refused = null;
                Log.Reloaded(_log, _name);
            }
            catch (AdminStartException e)
            {
                // What stays wrong is said once.
                if (isAsked || _refused != e.Message)
                    Log.ReloadRefused(_log, _name, e.Message);
                _refused = e.Message;
            }
            catch (Exception e) when (!isAsked)
            {
                // From a timer's callback it would end the process.
                if (_refused != e.Message)
                    Log.ReloadRefused(_log, _name, e.Message);
                _refused = e.Message;
            }
        }
    }

    private byte[][] Read()
    {
        var contents = new byte[_paths.Length][];
        for (var i = 0; i < contents.Length; i++)
        {
            try
            {
                contents[i] = File.ReadAllBytes(_paths[i]);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new AdminStartException($"{_name}: {e.Message}", e);
            }
        }
        return contents;
    }

    private static byte[] Digest(byte[][] contents)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var content in contents)
        {
            hash.AppendData(BitConverter.GetBytes(content.Length));
            hash.AppendData(content);
        }
        return hash.GetHashAndReset();
    }
}
