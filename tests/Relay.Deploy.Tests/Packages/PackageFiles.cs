namespace Relay.Deploy.Tests.Packages;

/// <summary>What eng/package.sh makes: an archive and a Debian package.</summary>
internal sealed record PackageFiles(string Archive, string Package)
{
    /// <summary>How long it may take to make them.</summary>
    public static readonly TimeSpan Making = TimeSpan.FromMinutes(20);

    private static readonly Lazy<Task<PackageFiles>> OfThisMachine = new(static () =>
        Environment.GetEnvironmentVariable("RELAYFLEET_PACKAGES") is { Length: > 0 } folder
            ? Task.FromResult(Find(folder, "amd64")) : MakeAsync(Repository.PathOf("artifacts/packages/tested")));

    /// <summary>Those for x86-64, made once for all tests of them; or made before, in the folder that RELAYFLEET_PACKAGES names.</summary>
    public static Task<PackageFiles> Made => OfThisMachine.Value;

    /// <summary>Makes them in a folder, which holds nothing else then.</summary>
    public static async Task<PackageFiles> MakeAsync(string output, params string[] options)
    {
        // Of another commit they have another name.
        if (Directory.Exists(output))
            Directory.Delete(output, recursive: true);
        await using var made = ChildProcess.Start(Repository.PathOf("eng/package.sh"), [.. options, "--output", output]);
        made.Input.Close();
        Assert.True(await made.WaitForExitAsync(Making) == 0, made.Log.Describe());
        return Find(output, options.Contains("arm64") ? "arm64" : "amd64");
    }

    /// <summary>Unpacks the archive into a folder, and gives that of the programs.</summary>
    public async Task<string> UnpackAsync(string folder)
    {
        await Programs.OutputOfAsync("tar", "-xzf", Archive, "-C", folder, "--strip-components=1");
        return Path.Combine(folder, "lib/relayfleet");
    }

    private static PackageFiles Find(string folder, string architecture) => new(
        Directory.EnumerateFiles(folder, $"*-linux-{(architecture == "arm64" ? "arm64" : "x64")}.tar.gz").Single(),
        Directory.EnumerateFiles(folder, $"*_{architecture}.deb").Single());
}
