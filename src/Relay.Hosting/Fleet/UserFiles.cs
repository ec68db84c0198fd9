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
    private long _written;

    /// <summary>The folder's name beside the document.</summary>
    internal const string FolderName = "users";

    /// <summary>Where they are.</summary>
    internal string Folder => folder;

    /// <summary>Writes what is not written, and gives what the document is to have of it.</summary>
    internal UserBookState? Write(UserBookState? state)
    {
        if (state is null)
            return null;
        _unsettled.UnionWith(state.ChangedAfter(_written).Select(static user => UserBucket.Of(user.Name)));
        if (_unsettled.Count > 0 && !Directory.Exists(folder))
            Directory.CreateDirectory(folder, OwnersFolder);
        foreach (var (number, bucket) in UserBucket.Of(state, _unsettled))
        {
            WholeFile.Write(PathOf(number), JsonSerializer.SerializeToUtf8Bytes(bucket, FleetJson.Of<UserBucket>()));
            _through[number] = bucket.Through;
        }
        return state with { Users = [], Buckets = [.. _through] };
    }

    /// <summary>The document is written that goes with what was written last.</summary>
    internal void Settle(UserBookState? state)
    {
        _unsettled.Clear();
        _written = state?.Version ?? 0;
    }

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
        state = state with { Users = [.. users.OrderBy(static user => user.Version)], Buckets = [] };
        _written = state.Users.Select(static user => user.Version).Append(state.Version).Max();
        return state with { Version = _written, Floor = floor };
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
