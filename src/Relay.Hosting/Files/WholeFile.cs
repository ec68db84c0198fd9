namespace Relay.Hosting.Files;

/// <summary>Files of which each is the one that there was or the new one, whole, whatever happens in between; their owner's alone.</summary>
internal static class WholeFile
{
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Puts a file in the place of the one that there is; it would outlive the machine's end when this returns.</summary>
    /// <exception cref="IOException">It may not be there.</exception>
    internal static void Write(string path, byte[] content)
    {
        var next = path + ".new";
        File.Delete(next);
        using (var stream = new FileStream(next, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnersFile,
            BufferSize = 0,
        }))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }
        File.Move(next, path, overwrite: true);
        FolderSync.Flush(Path.GetDirectoryName(path)!);
    }
}
