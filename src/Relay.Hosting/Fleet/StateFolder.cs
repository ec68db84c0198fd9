using Microsoft.Extensions.Logging;
using Relay.Fleet.Events;
using Relay.Fleet.Json;
using Relay.Fleet.Local;
using Relay.Fleet.State;
using Relay.Fleet.Usage;
using Relay.Hosting.Files;

namespace Relay.Hosting.Fleet;

/// <summary>
/// Keeps what a fleet in one process remembers in a folder: one document, which is replaced whole, and beside it the users, who
/// would make it too large. The folder is one process's as long as this object lives.
/// </summary>
public sealed class StateFolder : IFleetStore, IDisposable
{
    private const UnixFileMode OwnersFolder = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int Again = 11; // EAGAIN of flock(2), as Linux has it: another has the lock.

    private readonly string _file;
    private readonly ILogger _log;
    private readonly FileStream _lock;
    private readonly UserFiles _users;
    private readonly UsageFiles _usage;
    private readonly HistoryFile _history;
    private readonly Lock _writing = new();
    private bool _isRefused;
    private bool _isUsageRefused;
    private bool _isDisposed;

    private StateFolder(string folder, FileStream taken, ILogger log)
    {
        (_lock, _log) = (taken, log);
        _file = Path.Combine(folder, FileName);
        _users = new UserFiles(Path.Combine(folder, UserFiles.FolderName));
        _usage = new UsageFiles(Path.Combine(folder, UsageFiles.FolderName));
        _history = new HistoryFile(Path.Combine(folder, HistoryFile.FileName), log);
        try
        {
            Initial = Read();
            Usage = _usage.Read();
            History = _history.Read();
        }
        catch
        {
            taken.Dispose();
            throw;
        }
    }

    /// <summary>The document's name.</summary>
    public const string FileName = "fleet.json";

    /// <inheritdoc/>
    public FleetState? Initial { get; }

    /// <inheritdoc/>
    public IReadOnlyList<UsageMonth> Usage { get; }

    /// <inheritdoc/>
    public EventHistoryState? History { get; }

    /// <summary>Opens a folder, made where it is not there, and reads what is in it.</summary>
    /// <param name="path">Its path, as given.</param>
    /// <param name="log">Hears of writes that are refused.</param>
    /// <exception cref="StartException">
    /// It cannot be used, another process has it, or what is in it is no state of a fleet; nothing in it is changed.
    /// </exception>
    public static StateFolder Open(string path, ILogger log)
    {
        var option = FleetHostOptions.State.Name;
        try
        {
            var folder = Path.GetFullPath(path);
            if (!Directory.Exists(folder))
                Directory.CreateDirectory(folder, OwnersFolder);
            return new StateFolder(folder, new FileStream(Path.Combine(folder, "lock"), new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = OwnersFile,
            }), log);
        }
        catch (IOException e) when (e.HResult == Again)
        {
            throw new StartException($"{option}: '{path}' is in use by another process, and a fleet's state is one process's alone", e)
            {
                MayPass = true,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new StartException($"{option}: '{path}' cannot be used: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public Task WriteAsync(FleetState state) => Task.Run(() => Write(() => Write(state), _file, ref _isRefused));

    /// <inheritdoc/>
    public Task WriteUsageAsync(IReadOnlyList<UsageMonth> months, IReadOnlyList<string> kept) =>
        Task.Run(() => Write(() => _usage.Write(months, kept), _usage.Folder, ref _isUsageRefused));

    /// <inheritdoc/>
    public Task WriteHistoryAsync(EventHistoryState history) => Task.Run(() => _history.Write(history));

    /// <summary>Leaves the folder to others, once the write under way has ended.</summary>
    public void Dispose()
    {
        _history.Dispose();
        lock (_writing)
        {
            _isDisposed = true;
            _lock.Dispose();
        }
    }

    // Said once, and again when it is taken.
    private void Write(Action write, string what, ref bool isRefused)
    {
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            try
            {
                write();
            }
            catch (Exception e)
            {
                if (!isRefused)
                    Log.StateNotWritten(_log, what, e.Message);
                isRefused = true;
                throw;
            }
            if (isRefused)
                Log.StateWritten(_log, what);
            isRefused = false;
        }
    }

    // The users' buckets first: what fleet.json says of them is there.
    private void Write(FleetState state)
    {
        var users = _users.Write(state.Users);
        WholeFile.Write(_file, FleetStateJson.Write(state with { Users = users }));
        _users.Settle(state.Users);
    }

    private FleetState? Read()
    {
        if (!File.Exists(_file))
            return null;
        var state = FleetStateJson.Read(File.ReadAllBytes(_file), out var faults) ?? throw Unread(_file, faults);
        if (state.Users is null)
            return !_users.Exist ? state : throw Unread(_file, [("users",
                $"it has none, and '{_users.Folder}' has: a version of the program that knows no users has written it since; put back "
                + "the one that was written with them, or move that folder away to begin without users")]);
        state = state with { Users = _users.Read(state.Users) };
        return FleetStateFaults.Of(state) is { Count: > 0 } wrong ? throw Unread(_users.Folder, wrong) : state;
    }

    private static StartException Unread(string file, IReadOnlyList<(string Place, string Detail)> faults) => new(
        $"{FleetHostOptions.State.Name}: '{file}' is not read, and left as it is: "
        + string.Join("; ", faults.Select(static fault => fault.Place.Length > 0 ? $"{fault.Place}: {fault.Detail}" : fault.Detail)));
}
