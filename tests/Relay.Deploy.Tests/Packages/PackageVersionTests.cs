namespace Relay.Deploy.Tests.Packages;

/// <summary>The version that a package has: what was committed later is an upgrade of what was committed before.</summary>
[Trait("Needs", "Processes")]
public sealed class PackageVersionTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private int _second;

    public PackageVersionTests()
    {
        InstalledProgram.Require("git", "git");
        InstalledProgram.Require("dpkg", "dpkg");
        _folder.Folder("eng");
        File.Copy(Repository.PathOf("eng/package.sh"), _folder.File("eng/package.sh"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Versions_OfCommits_AreSortedAsTheyWereMade_AroundThatOfTheRelease()
    {
        await GitAsync("init", "--quiet", "--initial-branch", "main");
        List<string> versions = [];
        versions.Add(await CommitAsync("1.9.0"));
        versions.Add(await CommitAsync("1.9.0"));
        Write("1.9.0", "changed");
        versions.Add(await VersionAsync());
        await CommitAsync("1.9.0");
        await GitAsync("tag", "v1.9.0");
        versions.Add(await VersionAsync());
        // Like the release, and not it.
        Write("1.9.0", "changed");
        versions.Add(await VersionAsync());
        versions.Add(await CommitAsync("1.9.0"));
        versions.Add(await CommitAsync("1.10.0"));
        versions.Add(await CommitAsync("1.10.0"));
        await GitAsync("tag", "v1.10.0");
        versions.Add(await VersionAsync());

        Assert.Matches(@"^1\.9\.0~git20260301100001\.[0-9a-f]{8}$", versions[0]);
        Assert.Matches(@"^1\.9\.0~git20260301100002\.[0-9a-f]{8}\.dirty$", versions[2]);
        Assert.Equal("1.9.0", versions[3]);
        Assert.Matches(@"^1\.9\.0\+git20260301100003\.[0-9a-f]{8}\.dirty$", versions[4]);
        Assert.Equal("1.10.0", versions[^1]);
        foreach (var (before, after) in versions.Zip(versions.Skip(1)))
            Assert.True((await Programs.RunAsync("dpkg", "--compare-versions", before, "lt", after)).Status == 0, $"{before} < {after}");
    }

    [Fact]
    public async Task Version_WithoutHistory_IsTheProjects()
    {
        Write("1.9.0");
        Assert.Equal("1.9.0", await VersionAsync());
    }

    /// <summary>Whichever checkout the sources lie in, which is not theirs.</summary>
    [Fact]
    public async Task Version_WithoutHistory_WithinAnotherCheckout_IsTheProjects()
    {
        Write("1.9.0");
        await GitAsync("init", "--quiet");
        await CommitAsync("1.9.0");
        var inner = _folder.Folder("inner/eng");
        File.Copy(_folder.File("eng/package.sh"), Path.Combine(inner, "package.sh"));
        File.Copy(_folder.File("Directory.Build.props"), _folder.File("inner/Directory.Build.props"));

        Assert.Equal("1.9.0", await RunAsync("bash", Path.Combine(inner, "package.sh"), "--print-version"));
    }

    [Fact]
    public async Task Version_WithAFileThatGitDoesNotHave_IsNotThatOfTheCommit()
    {
        await GitAsync("init", "--quiet");
        await CommitAsync("1.9.0");
        await GitAsync("tag", "v1.9.0");
        Assert.Equal("1.9.0", await VersionAsync());

        _folder.Write("New.cs", "");

        Assert.EndsWith(".dirty", await VersionAsync(), StringComparison.Ordinal);
    }

    /// <summary>A guess would be an upgrade, or none, of what it is not.</summary>
    [Fact]
    public async Task Version_WhereGitDoesNotTell_OrHasNotAll_IsRefused()
    {
        await GitAsync("init", "--quiet");
        await CommitAsync("1.9.0");
        await CommitAsync("1.9.0");
        var clone = _folder.File("clone");
        await RunAsync("git", "clone", "--quiet", "--depth", "1", $"file://{_folder.Path}", clone);
        await RefusedAsync(clone, "shallow");

        File.Delete(Path.Combine(clone, ".git", "HEAD"));
        await RefusedAsync(clone, "which commit");

        async Task RefusedAsync(string folder, string cause)
        {
            await using var run = Begin("bash", Path.Combine(folder, "eng", "package.sh"), "--print-version");
            Assert.Equal(1, await run.WaitForExitAsync(Eventually.Limit));
            Assert.Contains(run.Log.Lines, line => line.Contains(cause, StringComparison.Ordinal));
        }
    }

    private void Write(string version, string more = "") =>
        _folder.Write("Directory.Build.props", $"<Project>\n  <VersionPrefix>{version}</VersionPrefix>\n</Project>\n{more}");

    private async Task<string> CommitAsync(string version)
    {
        Write(version);
        await GitAsync("add", ".");
        await GitAsync("commit", "--quiet", "--allow-empty", "--message", "one");
        return await VersionAsync();
    }

    // No folder above it is asked.
    private Task<string> VersionAsync() => RunAsync("bash", _folder.File("eng/package.sh"), "--print-version");

    private Task<string> GitAsync(params string[] arguments)
    {
        if (arguments[0] == "commit")
            _second++;
        return RunAsync(["git", "-C", _folder.Path, "-c", "user.name=One", "-c", "user.email=one@example.com", .. arguments]);
    }

    private async Task<string> RunAsync(params string[] command)
    {
        await using var run = Begin(command);
        Assert.True(await run.WaitForExitAsync(Eventually.Limit) == 0, run.Log.Describe());
        return string.Join('\n', run.Log.Lines);
    }

    // Of no repository but that of the test, whatever ran it.
    private ChildProcess Begin(params string[] command)
    {
        var time = $"2026-03-01T10:00:{_second:00}Z";
        var run = ChildProcess.Start(
            ["env", "-u", "GIT_DIR", "-u", "GIT_WORK_TREE", "-u", "GIT_INDEX_FILE", .. command],
            new Dictionary<string, string>
            {
                ["GIT_COMMITTER_DATE"] = time,
                ["GIT_AUTHOR_DATE"] = time,
                ["GIT_CONFIG_GLOBAL"] = "/dev/null",
                ["GIT_CONFIG_SYSTEM"] = "/dev/null",
                ["GIT_CEILING_DIRECTORIES"] = Path.GetDirectoryName(_folder.Path)!,
            });
        run.Input.Close();
        return run;
    }
}
