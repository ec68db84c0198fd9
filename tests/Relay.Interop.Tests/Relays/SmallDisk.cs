namespace Relay.Interop.Tests.Relays;

/// <summary>
/// A file system of 128 KiB that one process sees in place of a folder, in a mount namespace of its own. It can be filled, and
/// emptied again.
/// </summary>
internal sealed class SmallDisk : IDisposable
{
    private const string Launcher = """ mount -t tmpfs -o size=128k tmpfs "$0" && exec "$@" """;

    private readonly ScratchFolder _folder = new();

    /// <summary>A path on it, as the process has it.</summary>
    public string PathOf(string name) => _folder.File(name);

    /// <summary>The command that runs the command with it; the test is skipped where nothing can be mounted.</summary>
    public string[] Wrap(string[] command)
    {
        Assert.SkipUnless(Environment.UserName == "root", "A file system cannot be mounted here: run as root.");
        return [InstalledProgram.Require("unshare", "util-linux"), "--mount", "--", "sh", "-c", Launcher, _folder.Path, .. command];
    }

    /// <summary>A path on it, as the test has it.</summary>
    public string Seen(int process, string name) => $"/proc/{process}/root{PathOf(name)}";

    /// <summary>Leaves no room on it.</summary>
    public void Fill(int process)
    {
        using var file = new FileStream(
            Seen(process, "filler"), FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        Assert.Throws<IOException>((Action)(() =>
        {
            while (true)
                file.Write(new byte[4096]);
        }));
    }

    /// <summary>Makes room again.</summary>
    public void Empty(int process) => File.Delete(Seen(process, "filler"));

    public void Dispose() => _folder.Dispose();
}
