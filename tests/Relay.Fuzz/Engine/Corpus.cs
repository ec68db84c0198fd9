using Relay.Testing;

namespace Relay.Fuzz.Engine;

/// <summary>Inputs that are kept: where a target begins, and what was ever wrong.</summary>
internal static class Corpus
{
    /// <summary>The folder of a target; it may not be there.</summary>
    public static string FolderOf(string target) => Repository.PathOf(Path.Combine("tests/Relay.Fuzz/Corpus", target));

    /// <summary>The inputs of a target, each with its name, in order of names.</summary>
    public static IReadOnlyList<(string Name, byte[] Bytes)> Of(string target) => Read(FolderOf(target));

    /// <summary>The inputs of a folder, or the one of a file.</summary>
    public static IReadOnlyList<(string Name, byte[] Bytes)> Read(string path)
    {
        if (File.Exists(path))
            return [(Path.GetFileName(path), File.ReadAllBytes(path))];
        return Directory.Exists(path)
            ? [.. Directory.EnumerateFiles(path).Order(StringComparer.Ordinal)
                .Select(static file => (Path.GetFileName(file), File.ReadAllBytes(file)))]
            : [];
    }
}
