using System.Text.Json;
using Relay.Fleet.Json;
using Relay.Fleet.Usage;
using Relay.Hosting.Files;

namespace Relay.Hosting.Fleet;

/// <summary>What users of a fleet in one process have used, a file for each month: months that are over are not written again.</summary>
/// <param name="folder">Where they are; made with the first of them.</param>
internal sealed class UsageFiles(string folder)
{
    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The folder's name beside the document.</summary>
    internal const string FolderName = "usage";

    /// <summary>Where they are.</summary>
    internal string Folder => folder;

    /// <summary>Reads what there is.</summary>
    /// <exception cref="StartException">A file is none of these; nothing is changed.</exception>
    internal IReadOnlyList<UsageMonth> Read() => [.. Files().Select(static file => Read(file.Path, file.Month))];

    /// <summary>Writes some, and removes those that are over.</summary>
    internal void Write(IReadOnlyList<UsageMonth> months, IReadOnlyList<string> kept)
    {
        if (!Directory.Exists(folder))
            Directory.CreateDirectory(folder, OwnersFolder);
        foreach (var month in months)
            WholeFile.Write(PathOf(month.Month), JsonSerializer.SerializeToUtf8Bytes(month, FleetJson.Of<UsageMonth>()));
        foreach (var (path, month) in Files().ToList())
        {
            if (!kept.Contains($"{month}"))
                File.Delete(path);
        }
    }

    // Others are not this program's.
    private IEnumerable<(string Path, Month Month)> Files() => !Directory.Exists(folder) ? [] : Directory.EnumerateFiles(folder, "*.json")
        .Select(static path => Month.TryParse(Path.GetFileNameWithoutExtension(path), out var month) ? (Path: path, Month: (Month?)month) : default)
        .Where(static file => file.Month is not null).Select(static file => (file.Path, file.Month!.Value));

    private static UsageMonth Read(string path, Month month)
    {
        try
        {
            if (JsonSerializer.Deserialize(File.ReadAllBytes(path), FleetJson.Of<UsageMonth>()) is { } read && read.Month == $"{month}"
                && UsageBook.FaultOf(read) is null)
                return read;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw Unread(path, e.Message, e);
        }
        throw Unread(path, "it is not what users have used in that month");
    }

    private static StartException Unread(string path, string why, Exception? inner = null) => new(
        $"{FleetHostOptions.State.Name}: '{path}' is not read, and left as it is: {why}; move it away to count that month anew", inner);

    private string PathOf(string month) => Path.Combine(folder, month + ".json");
}
