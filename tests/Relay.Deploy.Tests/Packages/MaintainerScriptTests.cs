namespace Relay.Deploy.Tests.Packages;

/// <summary>
/// What the package's scripts do with its services, called as dpkg does (Debian policy, 6.5), over a systemctl that keeps units in
/// a folder, and Debian's own deb-systemd-invoke.
/// </summary>
[Trait("Needs", "Processes")]
public sealed class MaintainerScriptTests : IDisposable
{
    private const string Node = "relay-node.service";
    private const string Admin = "relay-admin.service";

    private const string Systemctl = """
        #!/bin/sh
        words=
        for word; do case $word in -*) ;; *) words="$words $word" ;; esac; done
        set -- $words
        echo "$*" >>"$UNITS/calls"
        verb=$1
        shift
        state() { cat "$UNITS/$1.state" 2>/dev/null || echo inactive; }
        case $verb in
          is-active) state "$1"; [ "$(state "$1")" = active ] ;;
          is-enabled) if [ -e "$UNITS/$1.enabled" ]; then echo enabled; else echo disabled; exit 1; fi ;;
          stop) for unit; do rm -f "$UNITS/$unit.state"; done ;;
          # A process that goes on with files that are another version's is what must not be.
          reload-or-restart) for unit; do [ "$(state "$unit")" != active ] || exit 1; echo active >"$UNITS/$unit.state"; done ;;
          restart | start) for unit; do echo active >"$UNITS/$unit.state"; done ;;
          daemon-reload) ;;
          *) exit 1 ;;
        esac
        """;

    private readonly ScratchFolder _folder = new();

    public MaintainerScriptTests()
    {
        foreach (var (program, text) in new[] { ("systemctl", Systemctl), ("adduser", "#!/bin/sh\n"), ("deluser", "#!/bin/sh\n") })
        {
            _folder.Folder("bin");
            File.SetUnixFileMode(_folder.Write($"bin/{program}", text), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
        _folder.Folder("units");
        _folder.Folder("run/systemd/system");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Upgrade_EndsWhatRunsBeforeItsFilesAreExchanged_AndStartsItAfter()
    {
        Make(Node, "active", isEnabled: true);
        // Started by hand; and it fails, and waits for its next try.
        Make(Admin, "activating", isEnabled: false);
        await RunAsync("prerm", "upgrade", "2");
        Assert.Equal(("inactive", "inactive"), States);
        await RunAsync("postrm", "upgrade", "2");
        await RunAsync("postinst", "configure", "1");
        Assert.Equal(("active", "active"), States);
    }

    [Fact]
    public async Task Upgrade_LeavesWhatItsOperatorHasStopped()
    {
        Make(Node, "inactive", isEnabled: true);
        Make(Admin, "failed", isEnabled: true);
        await RunAsync("prerm", "upgrade", "2");
        await RunAsync("postinst", "configure", "1");
        Assert.NotEqual("active", States.Node);
        Assert.NotEqual("active", States.Admin);
    }

    [Theory]
    [InlineData("upgrade", "abort-upgrade")]
    [InlineData("remove", "abort-remove")]
    public async Task WhatIsBrokenOff_LetsServicesRunAsBefore(string begun, string ended)
    {
        Make(Node, "active", isEnabled: true);
        await RunAsync("prerm", begun, "2");
        await RunAsync("postinst", ended, "2");
        Assert.Equal(("active", "inactive"), States);
    }

    // It leaves its links: what is enabled would start at the next boot, and not before.
    [Fact]
    public async Task Installation_AfterARemoval_StartsWhatIsEnabled()
    {
        Make(Node, "active", isEnabled: true);
        Make(Admin, "active", isEnabled: false);
        await RunAsync("prerm", "remove");
        await RunAsync("postrm", "remove");
        Assert.Equal(("inactive", "inactive"), States);
        await RunAsync("postinst", "configure", "1");
        Assert.Equal(("active", "inactive"), States);
    }

    [Fact]
    public async Task FirstInstallation_StartsNothing()
    {
        Make(Node, "inactive", isEnabled: true);
        await RunAsync("postinst", "configure", "");
        Assert.Equal(("inactive", "inactive"), States);
    }

    [Fact]
    public async Task WithoutSystemd_NothingIsAskedOfIt()
    {
        Directory.Delete(_folder.File("run/systemd"), recursive: true);
        await RunAsync("prerm", "upgrade", "2");
        await RunAsync("postinst", "configure", "1");
        await RunAsync("prerm", "remove");
        await RunAsync("postrm", "purge");
        Assert.False(File.Exists(_folder.File("units/calls")));
    }

    [Fact]
    public async Task Purge_TakesWhatEnablingAndMaskingHaveMade_AndNothingElse()
    {
        var units = _folder.Folder("etc/systemd/system");
        string[] gone = [$"multi-user.target.wants/{Node}", $"edge.target.requires/{Node}", Admin];
        string[] left = ["multi-user.target.wants/ssh.service", Node, $"{Admin}.d/mine.conf"];
        foreach (var (path, target) in new[]
        {
            (gone[0], "/usr/lib/systemd/system/" + Node), (gone[1], "/usr/lib/systemd/system/" + Node), (gone[2], "/dev/null"),
            (left[0], "/usr/lib/systemd/system/ssh.service"), (left[1], "/srv/mine/" + Node), (left[2], "/srv/mine/mine.conf"),
        })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(units, path))!);
            File.CreateSymbolicLink(Path.Combine(units, path), target);
        }
        await RunAsync("postrm", "remove");
        Assert.Equal(6, Links().Count());
        await RunAsync("postrm", "purge");
        Assert.Equal(left.Order(), Links());

        IEnumerable<string> Links() => Directory.EnumerateFiles(units, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(units, path)).Order();
    }

    private (string Node, string Admin) States => (StateOf(Node), StateOf(Admin));

    private string StateOf(string unit) =>
        File.Exists(_folder.File($"units/{unit}.state")) ? File.ReadAllText(_folder.File($"units/{unit}.state")).Trim() : "inactive";

    private void Make(string unit, string state, bool isEnabled)
    {
        _folder.Write($"units/{unit}.state", state + "\n");
        if (isEnabled)
            _folder.Write($"units/{unit}.enabled", "");
    }

    private async Task RunAsync(string script, params string[] arguments)
    {
        InstalledProgram.Require("deb-systemd-invoke", "init-system-helpers");
        var text = Repository.Read($"deploy/package/debian/{script}");
        foreach (var folder in (string[])["/run/", "/etc/", "/var/"])
            text = text.Replace($" {folder}", $" {_folder.Path}{folder}", StringComparison.Ordinal)
                .Replace($">{folder}", $">{_folder.Path}{folder}", StringComparison.Ordinal);
        var path = _folder.Write(script, text);
        await using var run = ChildProcess.Start("sh", [path, .. arguments], new Dictionary<string, string>
        {
            ["PATH"] = $"{_folder.File("bin")}:{Environment.GetEnvironmentVariable("PATH")}",
            ["UNITS"] = _folder.File("units"),
            // Where deb-systemd-invoke looks for this machine's own policy-rc.d.
            ["DPKG_ROOT"] = _folder.Path,
        });
        run.Input.Close();
        Assert.True(await run.WaitForExitAsync(Eventually.Limit) == 0, run.Log.Describe());
    }
}
