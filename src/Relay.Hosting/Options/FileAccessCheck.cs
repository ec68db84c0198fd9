namespace Relay.Hosting.Options;

/// <summary>Opens files that options name, and puts into words why one cannot be opened.</summary>
public static class FileAccessCheck
{
    /// <summary>Opens a file, uses it and closes it.</summary>
    /// <param name="path">Its path, as given.</param>
    /// <param name="openFile">Opens a file for reading.</param>
    /// <param name="use">Uses it.</param>
    /// <param name="error">The path and why it cannot be read, or <see langword="null"/>.</param>
    public static T? TryUse<T>(
        string path, Func<string, Stream> openFile, Func<string, Stream, T> use, out string? error)
    {
        try
        {
            using var stream = openFile(path);
            error = null;
            return use(path, stream);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            error = $"'{path}' does not exist";
        }
        catch (UnauthorizedAccessException)
        {
            error = $"'{path}' cannot be read: permission denied, or it is a directory";
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or NotSupportedException)
        {
            error = $"'{path}' cannot be read: {exception.Message}";
        }

        return default;
    }
}
