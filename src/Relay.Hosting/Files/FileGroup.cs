using System.Security.Cryptography;

namespace Relay.Hosting.Files;

/// <summary>A file that an option names.</summary>
/// <param name="Option">The option.</param>
/// <param name="Path">The file; <see langword="null"/> where the option is not given.</param>
public sealed record NamedFile(string Option, string? Path)
{
    /// <summary>The most bytes that there may be in it; null for what memory holds.</summary>
    public int? MaxLength { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Option} {Path}";

    /// <summary>Reads it.</summary>
    /// <exception cref="IOException">It cannot be read, or is larger than it may be.</exception>
    internal byte[] Read()
    {
        if (MaxLength is not { } most)
            return File.ReadAllBytes(Path!);
        using var stream = new FileStream(Path!, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        // A pipe has no length before its end, and what the kernel makes up has none at all.
        var length = stream.CanSeek && stream.Length > 0 ? stream.Length : most;
        var content = new byte[Math.Min(length, most) + 1];
        var read = length > most ? content.Length : stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        return read <= most ? content[..read] : throw new IOException($"{Path} is larger than {most} bytes");
    }
}

/// <summary>Files that only make sense together, such as a certificate and its key.</summary>
/// <param name="Name">What they are, for the log.</param>
/// <param name="Files">Which they are.</param>
public sealed record FileGroup(string Name, NamedFile[] Files)
{
    // What is smaller is read at each look, and compared by what is in it.
    private const int Large = 1 << 20;

    /// <summary>Whether there is any file.</summary>
    public bool IsEmpty => Files.All(static file => file.Path is null);

    /// <summary>Reads all of them.</summary>
    /// <exception cref="StartException">One cannot be read; the message names it.</exception>
    public FileContents Read()
    {
        var contents = new byte[]?[Files.Length];
        for (var i = 0; i < Files.Length; i++)
        {
            if (Files[i].Path is null)
                continue;
            try
            {
                contents[i] = Files[i].Read();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new StartException($"{Files[i].Option}: {e.Message}");
            }
        }
        return new FileContents(contents);
    }

    /// <summary>
    /// The lengths and times of the files, where one is so large that reading all at each look would cost too much; null where
    /// none is, or one cannot be opened.
    /// </summary>
    internal string? Stamp()
    {
        var stamp = new System.Text.StringBuilder();
        var isLarge = false;
        foreach (var file in Files.Where(static file => file.Path is not null))
        {
            try
            {
                // Of what a link leads to.
                using var handle = File.OpenHandle(file.Path!);
                var length = RandomAccess.GetLength(handle);
                isLarge |= length > Large;
                stamp.Append(System.Globalization.CultureInfo.InvariantCulture,
                    $"{length} {File.GetLastWriteTimeUtc(handle).Ticks} {File.GetCreationTimeUtc(handle).Ticks};");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
            {
                return null;
            }
        }
        return isLarge ? stamp.ToString() : null;
    }
}

/// <summary>
/// What was in the files of a group. Compared by content: a Kubernetes Secret volume swaps a symbolic link two levels
/// up, and neither times nor sizes need tell one certificate from the next. Of what is larger than 1 MiB they have to.
/// </summary>
public sealed class FileContents
{
    private readonly byte[]?[] _contents;
    private readonly byte[] _hash;

    private FileContents(byte[]?[] contents, byte[] hash) => (_contents, _hash) = (contents, hash);

    /// <summary>Takes over what was read.</summary>
    public FileContents(byte[]?[] contents)
    {
        _contents = contents;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var content in contents)
        {
            hash.AppendData(BitConverter.GetBytes(content?.Length ?? -1));
            hash.AppendData(content ?? []);
        }
        _hash = hash.GetHashAndReset();
    }

    /// <summary>The file with this number, or <see langword="null"/> where its option is not given.</summary>
    public byte[]? this[int index] => _contents[index];

    /// <summary>The same without what was in the files: enough to compare with.</summary>
    public FileContents ToCompare() => new(new byte[]?[_contents.Length], _hash);

    /// <summary>Whether the same is in the same files.</summary>
    public bool IsSameAs(FileContents? other) => other is not null && _hash.AsSpan().SequenceEqual(other._hash);
}
