namespace Relay.Dashboard.Tests.World;

/// <summary>Where the repository is that the tests were built from.</summary>
public static class Repository
{
    /// <summary>A path within it.</summary>
    public static string PathOf(params string[] parts)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "RelayFleet.sln")))
            folder = folder.Parent;
        return Path.Combine([folder?.FullName ?? AppContext.BaseDirectory, .. parts]);
    }
}
