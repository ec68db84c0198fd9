namespace Relay.Hosting.Files;

/// <summary>What is made of files, and made again when they change. What was made last stays while they are wrong.
/// </summary>
public sealed class WatchedValue<T>
    where T : class
{
    private volatile T _current;
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Reads the files and makes it.</summary>
    /// <param name="files">The files.</param>
    /// <param name="load">Makes it of their contents; throws a <see cref="StartException"/> that names the cause.</param>
    /// <exception cref="StartException">A file cannot be read, or not be used.</exception>
    public WatchedValue(FileGroup files, Func<FileContents, T> load)
    {
        var contents = files.Read();
        _current = load(contents);
        Group = new WatchedGroup(files, contents, changed =>
        {
            _current = load(changed);
            var before = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            before.SetResult();
        });
    }

    /// <summary>What was made of them last.</summary>
    public T Current => _current;

    /// <summary>Completes when something else is made of them than is now.</summary>
    public Task Changed => _changed.Task;

    /// <summary>The files, for a <see cref="Reloader"/>.</summary>
    public WatchedGroup Group { get; }
}
