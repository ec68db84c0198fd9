using System.Globalization;
using System.Text.Json;
using Relay.Fleet.Json;
using Relay.Fleet.Users;
using Relay.Hosting.Files;

namespace Relay.Hosting.Fleet;

/// <summary>
/// The users of a fleet in one process, a file for each bucket of them: a change of one writes the few hundred of his bucket, and a
/// change of anything else none. A file is of the state that the fleet's document names, or later.
/// </summary>
/// <param name="folder">Where they are; made with the first of them.</param>
internal sealed class UserFiles(string folder)
{
    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // Those that may have what the document has not: until it is written as well, a change in them may yet be undone.
    private readonly HashSet<int> _unsettled = [];
    private long[] _through = new long[UserBucket.Count];
    private UserBookState? _settled;

    /// <summary>The folder's name beside the document.</summary>
    internal const string FolderName = "users";

    /// <summary>Where they are.</summary>
    internal string Folder => folder;

    /// <summary>Writes what is not written, and gives what the document is to have of it.</summary>
    internal UserBookState? Write(UserBookState? state)
    {
        if (state is null)
            return null;
        // Also what is undone: a write that was given up may have been done.
        _unsettled.UnionWith(state.DifferingFrom(_settled).Select(static user => UserBucket.Of(user.Name)));
        if (_unsettled.Count > 0 && !Directory.Exists(folder))
            Directory.CreateDirectory(folder, OwnersFolder);
        foreach (var (number, bucket) in UserBucket.Of(state, _unsettled))
        {
            // Where it is undone the document names the later version, until it is written as well.
            _through[number] = Math.Max(_through[number], bucket.Through);
            WholeFile.Write(PathOf(number), JsonSerializer.SerializeToUtf8Bytes(
                bucket with { Through = _through[number] }, FleetJson.Of<UserBucket>()));
        }
        return state with { Users = [], Buckets = [.. _through] };
    }

    /// <summary>The document is written that goes with what was written last.</summary>
    internal void Settle(UserBookState? state)
    {
        _unsettled.Clear();
        _settled = state;
    }

    /// <summary>Whether there are any.</summary>
    internal bool Exist => Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.json").Any();

    /// <summary>Reads what a document has beside it.</summary>
    /// <exception cref="StartException">A file is missing, older than the document, or none of these; nothing is changed.</exception>
    internal UserBookState Read(UserBookState state)
    {
        if (state.Buckets.Count == 0)
            return state;
        var (users, floor) = (new List<StoredUser>(state.Users), state.Floor);
        for (var number = 0; number < UserBucket.Count; number++)
        {
            if (state.Buckets[number] == 0)
                continue;
            var bucket = Read(number, state.Buckets[number]);
            users.AddRange(bucket.Users);
            // A later one has forgotten who was removed of whom the document would still tell.
            floor = Math.Max(floor, bucket.Floor);
        }
        _through = [.. state.Buckets];
        var last = users.Select(static user => user.Version).Append(state.Version).Max();
        return _settled = state with
        {
            Users = [.. users.OrderBy(static user => user.Version)],
            Buckets = [],
            Version = last,
            Floor = floor,
        };
    }

    private UserBucket Read(int number, long through)
    {
        var path = PathOf(number);
        try
        {
            var bucket = JsonSerializer.Deserialize(File.ReadAllBytes(path), FleetJson.Of<UserBucket>());
            if (bucket?.Users.All(user => user is not null && UserBucket.Of(user.Name) == number) == true && bucket.Through >= through)
                return bucket;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw Unread(e.Message, e);
        }
        throw Unread("it is older than what fleet.json says, or of another");

        StartException Unread(string why, Exception? inner = null) => new(
            $"{FleetHostOptions.State.Name}: '{path}' is not read, and left as it is: {why}; it belongs to the fleet.json that was "
            + "written with it", inner);
    }

    private string PathOf(int number) => Path.Combine(folder, number.ToString("x2", CultureInfo.InvariantCulture) + ".json");
}
