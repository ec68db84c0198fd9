using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Relay.Deploy.Tests.Containers;

/// <summary>Who can read what deploy/docker/secrets.sh makes.</summary>
public sealed partial class SecretsTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    [Fact]
    public async Task Secrets_AreForTheirOwnerAndWhatIsMountedForContainers()
    {
        // As a version before left them.
        Directory.CreateDirectory(_folder.File("secrets"), (UnixFileMode)0b111_101_101);
        File.WriteAllText(_folder.File("secrets/operator-token"), "old");
        File.SetUnixFileMode(_folder.File("secrets/operator-token"), (UnixFileMode)0b110_100_100);
        var script = _folder.Write("secrets.sh", Repository.Read("deploy/docker/secrets.sh"));

        using var run = Process.Start(new ProcessStartInfo("bash", ["-c", "umask 022; exec bash \"$0\"", script])
        {
            RedirectStandardOutput = true,
        })!;
        await run.WaitForExitAsync();

        Assert.Equal(0, run.ExitCode);
        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(_folder.File("secrets")));
        var mounted = Mounted().Matches(Repository.Read("deploy/docker/compose.yaml")).Select(static one => one.Groups[1].Value)
            .ToHashSet();
        Assert.NotEmpty(mounted);
        Assert.All(mounted, name => Assert.True(CanOthersRead(name), name));
        var kept = Directory.EnumerateFiles(_folder.File("secrets")).Select(static path => Path.GetFileName(path))
            .Where(name => !mounted.Contains(name)).ToList();
        Assert.Contains("ca.key", kept);
        Assert.Contains("operator-token", kept);
        Assert.All(kept, name => Assert.Equal((UnixFileMode)0b110_000_000, ModeOf(name)));
    }

    /// <summary>Containers have the file mounted that was there when they began, not its name.</summary>
    [Fact]
    public async Task Secrets_OfAVersionBefore_LoseTheTokenOfAllNodes_WithinTheFileThatIsThere()
    {
        Directory.CreateDirectory(_folder.File("secrets"));
        var tokens = _folder.File("secrets/tokens");
        File.WriteAllText(tokens, "node-*:node:sha256$0\noperator:operator:sha256$1\n");
        File.WriteAllText(_folder.File("secrets/operator-token"), "old");
        using var mounted = new FileStream(tokens, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var script = _folder.Write("secrets.sh", Repository.Read("deploy/docker/secrets.sh"));

        using var run = Process.Start(new ProcessStartInfo("bash", [script]) { RedirectStandardOutput = true })!;
        await run.WaitForExitAsync();

        Assert.Equal(0, run.ExitCode);
        using var reader = new StreamReader(mounted);
        var names = (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(':')[0]);
        Assert.Equal(["operator", "node-1", "node-2", "node-3", "prometheus"], names);
    }

    public void Dispose() => _folder.Dispose();

    private UnixFileMode ModeOf(string name) => File.GetUnixFileMode(_folder.File($"secrets/{name}"));

    private bool CanOthersRead(string name) => ModeOf(name).HasFlag(UnixFileMode.OtherRead);

    [GeneratedRegex(@"file: secrets/([\w.-]+)")]
    private static partial Regex Mounted();
}
