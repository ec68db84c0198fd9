using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.Logging;
using Relay.Hosting;
using Relay.Hosting.Files;

namespace Relay.Node.Tests.Identity;

public sealed class WatchedGroupTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly RecordingLog _log = new();
    private readonly List<string> _applied = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Poll_NothingChanged_DoesNothing()
    {
        var group = Watch(Write("cert", "1"), Write("key", "1"));
        for (var i = 0; i < 5; i++)
            group.Poll(_log);
        Assert.Empty(_applied);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void Poll_Changed_AppliesOnceItStays()
    {
        var group = Watch(Write("cert", "1"), Write("key", "1"));
        Write("cert", "2");
        group.Poll(_log);
        Write("key", "2");
        group.Poll(_log);
        Assert.Empty(_applied);
        group.Poll(_log);
        group.Poll(_log);
        Assert.Equal(["2+2"], _applied);
        Assert.Equal([(LogLevel.Information, "things reloaded")], _log.Lines);
    }

    [Fact]
    public void Poll_SameSizeAndTime_IsSeen()
    {
        var cert = Write("cert", "1");
        var group = Watch(cert, Write("key", "1"));
        var time = File.GetLastWriteTimeUtc(cert);
        Write("cert", "2");
        File.SetLastWriteTimeUtc(cert, time);
        Settle(group);
        Assert.Equal(["2+1"], _applied);
    }

    [Fact]
    public void Poll_SwapOfTheDataLink_IsSeen()
    {
        // As the kubelet does it: cert → ..data/cert, ..data → ..1; ..data is replaced by a rename.
        foreach (var version in (string[])["1", "2"])
        {
            Directory.CreateDirectory(_folder.File($"..{version}"));
            Write($"..{version}/cert", version);
            Write($"..{version}/key", version);
        }
        File.CreateSymbolicLink(_folder.File("..data"), "..1");
        foreach (var name in (string[])["cert", "key"])
            File.CreateSymbolicLink(_folder.File(name), $"..data/{name}");
        var group = Watch(_folder.File("cert"), _folder.File("key"));
        Settle(group);
        Assert.Empty(_applied);

        File.CreateSymbolicLink(_folder.File("..data_tmp"), "..2");
        Assert.Equal(0, Rename(_folder.File("..data_tmp"), _folder.File("..data")));
        Directory.Delete(_folder.File("..1"), recursive: true);
        Settle(group);
        Assert.Equal(["2+2"], _applied);
    }

    [Fact]
    public void Poll_Refused_IsSaidOnce_AndTriedAgainWhenItChanges()
    {
        var group = Watch(Write("cert", "1"), Write("key", "1"));
        Write("cert", "bad");
        Settle(group);
        Settle(group);
        Assert.Equal([(LogLevel.Error, "things not reloaded, those in use stay: --cert: bad")], _log.Lines);
        Write("cert", "3");
        Settle(group);
        Assert.Equal(["3+1"], _applied);
    }

    [Fact]
    public void Poll_FileGone_IsSaidOnce_AndSeenWhenItIsBack()
    {
        var cert = Write("cert", "1");
        var group = Watch(cert, Write("key", "1"));
        File.Delete(cert);
        Settle(group);
        var (level, text) = Assert.Single(_log.Lines);
        Assert.Equal(LogLevel.Error, level);
        Assert.Contains("--cert: ", text, StringComparison.Ordinal);
        Assert.Contains(cert, text, StringComparison.Ordinal);
        Write("cert", "1");
        Settle(group);
        Assert.Empty(_applied);
        Write("cert", "2");
        Settle(group);
        Assert.Equal(["2+1"], _applied);
    }

    [Fact]
    public void Reload_IsAtOnce_AndSaysEachTimeWhatIsWrong()
    {
        var group = Watch(Write("cert", "1"), Write("key", "1"));
        group.Reload(_log);
        Write("key", "2");
        group.Reload(_log);
        Write("cert", "bad");
        group.Reload(_log);
        group.Reload(_log);
        Assert.Equal(["1+1", "1+2"], _applied);
        Assert.Equal(2, _log.Lines.Count(line => line.Level == LogLevel.Error));
    }

    /// <summary>Reading megabytes each second is dear: their length and times have to tell.</summary>
    [Fact]
    public void Poll_LargeFile_IsReadWhenItsTimeOrLengthChanges_AndOtherwiseNotAgain()
    {
        var cert = Write("cert", new string('1', 2 << 20));
        var group = Watch(cert, Write("key", "1"));
        Settle(group);
        var time = File.GetLastWriteTimeUtc(cert);
        Write("cert", new string('2', 2 << 20));
        File.SetLastWriteTimeUtc(cert, time);
        Settle(group);
        Assert.Empty(_applied);
        File.SetLastWriteTimeUtc(cert, time.AddSeconds(1));
        Settle(group);
        Assert.Equal($"2{2 << 20}+1", Assert.Single(_applied));
        // Also the small one beside it, one that became small, and SIGHUP.
        Write("key", "22");
        Settle(group);
        Write("cert", "3");
        Settle(group);
        group.Reload(_log);
        Assert.Equal([$"2{2 << 20}+22", "3+22", "3+22"], _applied.Skip(1));
    }

    [Fact]
    public void Read_FileThatIsTooLarge_IsRefused()
    {
        var path = Write("list", new string('1', 100));
        Assert.Equal(100, Group(100).Read()[0]!.Length);
        Assert.Equal($"--list: {path} is larger than 99 bytes", Assert.Throws<StartException>(() => Group(99).Read()).Message);
        Write("list", "");
        Assert.Empty(Group(99).Read()[0]!);
        // What has no length, and no end.
        var endless = new FileGroup("things", [new("--list", "/dev/zero") { MaxLength = 99 }]);
        Assert.Throws<StartException>(() => endless.Read());

        FileGroup Group(int most) => new("things", [new("--list", path) { MaxLength = most }]);
    }

    // File.Move follows links; rename(2) is what the kubelet calls.
    [DllImport("libc", EntryPoint = "rename", SetLastError = true)]
    private static extern int Rename(string from, string to);

    private void Settle(WatchedGroup group)
    {
        for (var i = 0; i < 3; i++)
            group.Poll(_log);
    }

    private string Write(string name, string content) => _folder.Write(name, content);

    private WatchedGroup Watch(string certificate, string key)
    {
        var files = new FileGroup("things", [new("--cert", certificate), new("--key", key), new("--none", null)]);
        return new WatchedGroup(files, files.Read(), contents =>
        {
            Assert.Null(contents[2]);
            var text = Encoding.ASCII.GetString(contents[0]!);
            if (text == "bad")
                throw new StartException("--cert: bad");
            if (text.Length > 1)
                text = $"{text[0]}{text.Length}";
            _applied.Add($"{text}+{Encoding.ASCII.GetString(contents[1]!)}");
        });
    }
}
