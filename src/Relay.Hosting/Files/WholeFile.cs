namespace Relay.Hosting.Files;

/// <summary>Files of which each is the one that there was or the new one, whole, whatever happens in between; their owner's alone.</summary>
public static class WholeFile
{
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Nobody writes for so long: what is older was left by a process that was killed.</summary>
    private static readonly TimeSpan LeftAfter = TimeSpan.FromHours(1);

    /// <summary>
    /// Puts a file in the place of the one that there is, in a folder that is this process's; it would outlive the machine's end
    /// when this returns.
    /// </summary>
    /// <exception cref="IOException">It may not be there.</exception>
    internal static void Write(string path, byte[] content)
    {
        var next = path + ".new";
        File.Delete(next);
        Write(path, next, file => file.Write(content));
    }

    /// <summary>The same where another process may write it at the time, as at a restart: each writes its own whole.</summary>
    /// <param name="path">The file; its folder is there.</param>
    /// <param name="write">Writes what is to be in it, to a stream that has no buffer.</param>
    /// <param name="isWanted">Asked once it is written whether it is to take the other's place; null for always.</param>
    /// <returns>Whether it has.</returns>
    /// <exception cref="IOException">It may not be there.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static bool WriteShared(string path, Action<Stream> write, Func<bool>? isWanted = null)
    {
        path = Path.GetFullPath(path);
        foreach (var left in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, $"{Path.GetFileName(path)}.*.new"))
        {
            if (DateTime.UtcNow - File.GetLastWriteTimeUtc(left) > LeftAfter)
                File.Delete(left);
        }
        var next = $"{path}.{Guid.NewGuid():N}.new";
        try
        {
            if (Write(path, next, write, isWanted))
                return true;
            File.Delete(next);
            return false;
        }
        catch
        {
            // On a disk that is full it would be in the way of the next.
            File.Delete(next);
            throw;
        }
    }

    private static bool Write(string path, string next, Action<Stream> write, Func<bool>? isWanted = null)
    {
        using (var stream = new FileStream(next, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnersFile,
            BufferSize = 0,
        }))
        {
            write(stream);
            stream.Flush(flushToDisk: true);
        }
        if (isWanted?.Invoke() == false)
            return false;
        File.Move(next, path, overwrite: true);
        FolderSync.Flush(Path.GetDirectoryName(path)!);
        return true;
    }
}
