using System.Text.RegularExpressions;

namespace Relay.Deploy.Tests.Packages;

/// <summary>Units, maintainer scripts and configuration of the package name what it has.</summary>
public sealed partial class UnitTests
{
    [Theory]
    [InlineData("relay-node")]
    [InlineData("relay-admin")]
    public void Unit_StartsAProgramOfThePackage_AsAUserThatItMakes_AndLeavesNothingBehindAPurge(string program)
    {
        var unit = new UnitFile(program);
        // Without a path systemd finds it in /usr/local/bin as well, where the .tar.gz may have it.
        Assert.StartsWith($"{program} --config ", unit["ExecStart"], StringComparison.Ordinal);
        Assert.Contains(unit.Config, Script("conffiles").Split('\n'));
        Assert.True(File.Exists(Repository.PathOf($"deploy/package{unit.Config}")), unit.Config);
        Assert.Equal((program, program), (unit["User"], unit["Group"]));
        Assert.Contains($"for name in relay-node relay-admin; do\n  adduser --system --group", Script("postinst"), StringComparison.Ordinal);
        foreach (var folder in ((string[])[$"/var/lib/{unit["StateDirectory"]}", $"/var/log/{unit["LogsDirectory"]}"])
            .Where(static folder => !folder.EndsWith('/')))
            Assert.Contains($" {folder}", Script("postrm"), StringComparison.Ordinal);
        Assert.All(unit["Documentation"].Split(' ').Where(static one => one.StartsWith("file:", StringComparison.Ordinal)),
            static one => Assert.True(File.Exists(Repository.PathOf($"docs/{Path.GetFileName(one)}")), one));
        Assert.All(((string[])["postinst", "prerm"]), script => Assert.Contains($"{program}.service", Script(script), StringComparison.Ordinal));
    }

    /// <summary>
    /// systemd.exec(5) of ProcSubset=pid: "all files and directories not directly associated with process management and introspection
    /// are made invisible".
    /// </summary>
    [Fact]
    public void Unit_LeavesWhatItsProgramReadsOfProc()
    {
        var read = Directory.EnumerateFiles(Repository.PathOf("src"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(static path => BesideProcesses().Matches(File.ReadAllText(path))).Select(static match => match.Value).ToList();
        Assert.Contains("\"/proc/sys/kernel/random/boot_id", read);
        Assert.All((string[])["relay-node", "relay-admin"], static program => Assert.Equal("", new UnitFile(program)["ProcSubset"]));
    }

    /// <summary>A node that is installed is not one that anybody may use.</summary>
    [Fact]
    public void Node_AsItIsInstalled_TakesUsersOnly() => Assert.Matches(
        """(?m)^  "users-file": "/var/lib/relay-node/[^"]+",$""",
        Repository.Read("deploy/package/etc/relay-node/relay-node.json"));

    [Fact]
    public async Task Scripts_AreThoseOfAnyShell()
    {
        foreach (var script in (string[])["postinst", "prerm", "postrm"])
        {
            var text = Script(script);
            Assert.StartsWith("#!/bin/sh\nset -e\n", text, StringComparison.Ordinal);
            var (status, output) = await Programs.RunAsync("sh", "-n", Repository.PathOf($"deploy/package/debian/{script}"));
            Assert.True(status == 0, output);
        }
    }

    [GeneratedRegex("\"/proc/(?!self|thread-self)[a-z_/]+")]
    private static partial Regex BesideProcesses();

    private static string Script(string name) => Repository.Read($"deploy/package/debian/{name}");
}
