using Microsoft.Extensions.Logging;

namespace Relay.Hosting.Files;

/// <summary>Files in use, and how to use what they say next. Not thread-safe.</summary>
/// <param name="files">The files.</param>
/// <param name="current">What was in them when they were used first.</param>
/// <param name="apply">
/// Uses what is in them now, as a whole; throws a <see cref="StartException"/> that names the cause, and has then
/// changed nothing.
/// </param>
/// <param name="look">What to do at each look besides, whether or not the files have changed: time passes.</param>
public sealed class WatchedGroup(FileGroup files, FileContents current, Action<FileContents> apply, Action? look = null)
{
    private FileContents _decided = current.ToCompare();
    private FileContents? _seen;
    // Of large files: at the last look, and at one whose contents were decided on after the look before had the same. A change
    // after that is later by a whole turn, and tells by its time.
    private string? _stamp;
    private string? _decidedStamp;
    private string? _unreadable;

    /// <summary>Looks, and uses what has changed and then stayed as it is for a whole turn.</summary>
    /// <remarks>
    /// Two files that are written one after the other are seldom found half-way so, and never for long.
    /// </remarks>
    public void Poll(ILogger log)
    {
        look?.Invoke();
        var stamp = files.Stamp();
        if (stamp is not null && stamp == _decidedStamp)
            return;
        var stays = stamp == _stamp;
        (_stamp, _decidedStamp) = (stamp, null);
        if (!TryRead(log, again: false, out var contents))
        {
            _seen = null;
            return;
        }
        if (contents.IsSameAs(_decided))
            _seen = null;
        else if (contents.IsSameAs(_seen))
            Use(contents, log);
        else
            _seen = contents.ToCompare();
        if (stays && contents.IsSameAs(_decided))
            _decidedStamp = stamp;
    }

    /// <summary>Uses what is in the files, changed or not.</summary>
    public void Reload(ILogger log)
    {
        if (TryRead(log, again: true, out var contents))
            Use(contents, log);
    }

    private bool TryRead(
        ILogger log, bool again, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out FileContents? contents)
    {
        try
        {
            contents = files.Read();
            _unreadable = null;
            return true;
        }
        catch (StartException e)
        {
            if (again || _unreadable != e.Message)
                Log.ReloadRefused(log, files.Name, e.Message);
            _unreadable = e.Message;
            contents = null;
            return false;
        }
    }

    private void Use(FileContents contents, ILogger log)
    {
        // Also what is refused has been decided on: it is said once.
        _decided = contents.ToCompare();
        _seen = null;
        try
        {
            apply(contents);
            Log.Reloaded(log, files.Name);
        }
        catch (StartException e)
        {
            Log.ReloadRefused(log, files.Name, e.Message);
        }
    }
}
