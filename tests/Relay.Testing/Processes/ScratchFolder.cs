namespace Relay.Testing.Processes;

/// <summary>A folder of its own for what a test writes, gone with the test.</summary>
public sealed class ScratchFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("relay-test-");

    public string Path => _folder.FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string content)
    {
        System.IO.File.WriteAllText(File(name), content);
        return File(name);
    }

    public string Folder(string name) => Directory.CreateDirectory(File(name)).FullName;

    /// <summary>What a test has begun and not awaited may put a file there between the listing and the end: then it begins anew.</summary>
    public void Dispose()
    {
        if (!SpinWait.SpinUntil(TryDelete, Eventually.Limit))
            _folder.Delete(recursive: true);
    }

    private bool TryDelete()
    {
        try
        {
            _folder.Delete(recursive: true);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
