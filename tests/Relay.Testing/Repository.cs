using System.Reflection;

namespace Relay.Testing;

/// <summary>The files of the repository that tests look at, where they stand.</summary>
public static class Repository
{
    private static readonly string Root = Path.GetFullPath(typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(static one => one.Key == "RepositoryRoot").Value!);

    /// <summary>The path of a file or folder.</summary>
    public static string PathOf(string path) => Path.Combine(Root, path);

    /// <summary>A file's text.</summary>
    public static string Read(string path) => File.ReadAllText(PathOf(path));
}
