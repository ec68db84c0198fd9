using System.Security.Cryptography;

namespace Relay.Hosting.Files;

/// <summary>A file that an option names.</summary>
/// <param name="Option">The option.</param>
/// <param name="Path">The file; <see langword="null"/> where the option is not given.</param>
public sealed record NamedFile(string Option, string? Path)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Option} {Path}";
}

/// <summary>Files that only make sense together, such as a certificate and its key.</summary>
/// <param name="Name">What they are, for the log.</param>
/// <param name="Files">Which they are.</param>
public sealed record FileGroup(string Name, NamedFile[] Files)
{
    /// <summary>Whether there is any file.</summary>
    public bool IsEmpty => Files.All(static file => file.Path is null);

    /// <summary>Reads all of them.</summary>
    /// <exception cref="StartException">One cannot be read; the message names it.</exception>
    public FileContents Read()
    {
        var contents = new byte[]?[Files.Length];
        for (var i = 0; i < Files.Length; i++)
        {
            if (Files[i].Path is not { } path)
                continue;
            try
            {
                contents[i] = File.ReadAllBytes(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new StartException($"{Files[i].Option}: {e.Message}");
            }
        }
        return new FileContents(contents);
    }
}

/// <summary>
/// What was in the files of a group. Compared by content: a Kubernetes Secret volume swaps a symbolic link two levels
/// up, and neither times nor sizes need tell one certificate from the next.
/// </summary>
public sealed class FileContents
{
    private readonly byte[]?[] _contents;
    private readonly byte[] _hash;

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

    /// <summary>Whether the same is in the same files.</summary>
    public bool IsSameAs(FileContents? other) => other is not null && _hash.AsSpan().SequenceEqual(other._hash);
}
