namespace Relay.Testing.Processes;

/// <summary>Foreign programs that these tests drive, where Debian puts them.</summary>
public static class InstalledProgram
{
    private static readonly string[] Folders =
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/sbin", "/usr/bin", "/sbin"];

    /// <summary>The program's path. The test is skipped, with the package to install, when there is none.</summary>
    public static string Require(string program, string package)
    {
        var path = Folders
            .Where(folder => folder.Length > 0)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, $"{program} is not installed (Debian package {package}).");
        return path!;
    }
}
