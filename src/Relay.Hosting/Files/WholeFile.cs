namespace Relay.Hosting.Files;

/// <summary>Files of which each is the one that there was or the new one, whole, whatever happens in between; their owner's alone.</summary>
public static class WholeFile
{
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Puts a file in the place of the one that there is; it would outlive the machine's end when this returns.</summary>
    /// <param name="path">The file; its folder is there.</param>
    /// <param name="content">What is to be in it.</param>
    /// <exception cref="IOException">It may not be there; or another process writes it at the moment.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    public static void Write(string path, ReadOnlyMemory<byte> content) => Write(path, file => file.Write(content.Span));

    /// <inheritdoc cref="Write(string, ReadOnlyMemory{byte})"/>
    /// <param name="path">The file; its folder is there.</param>
    /// <param name="write">Writes what is to be in it, to a stream that has no buffer.</param>
    public static void Write(string path, Action<Stream> write)
    {
        path = Path.GetFullPath(path);
        var next = path + ".new";
        // Locked until it has its name: another process would cut off what is written here.
        using (var stream = new FileStream(next, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            Share = FileShare.None,
            UnixCreateMode = OwnersFile,
            BufferSize = 0,
        }))
        {
            write(stream);
            stream.Flush(flushToDisk: true);
            File.Move(next, path, overwrite: true);
        }
        FolderSync.Flush(Path.GetDirectoryName(path)!);
    }
}
