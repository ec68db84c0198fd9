namespace Relay.Hosting.Files;

/// <summary>What is made of files, and made again when they change. What was made last stays while they are wrong.
/// </summary>
public sealed class WatchedValue<T>
    where T : class
{
    private volatile T _current;

    /// <summary>Reads the files and makes it.</summary>
    /// <param name="files">The files.</param>
    /// <param name="load">Makes it of their contents; throws a <see cref="StartException"/> that names the cause.</param>
    /// <exception cref="StartException">A file cannot be read, or not be used.</exception>
    public WatchedValue(FileGroup files, Func<FileContents, T> load)
    {
        var contents = files.Read();
        _current = load(contents);
        Group = new WatchedGroup(files, contents, changed => _current = load(changed));
    }

    /// <summary>What was made of them last.</summary>
    public T Current => _current;

    /// <summary>The files, for a <see cref="Reloader"/>.</summary>
    public WatchedGroup Group { get; }
}
